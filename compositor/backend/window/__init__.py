"""The window backend: each output is a window on the desktop that runs already (X11, so Xwayland as well).

Import `compositor.backend.window.backend` only when a window is wanted: it loads pyglet.

The event loop stays the compositor's own: the connection to the X server is one more descriptor in it. A
window gets its frames from the GL renderer, or, where OpenGL is missing or fails, from the CPU renderer.
"""
