"""From nodes to pixels: the renderers, the framebuffers they draw into, and the choice not to draw.

`base` says what a renderer is; `cpu` is one that needs nothing. `scanout` decides whether a client's buffer
can be shown as it lies, `capture` takes screenshots. Renderers read `compositor.model` and keep no scene.
Backends, outputs and the control socket import this room.
"""
