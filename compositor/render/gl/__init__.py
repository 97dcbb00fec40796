"""Drawing with OpenGL, through pyglet.

Import `compositor.render.gl.renderer` only when OpenGL is wanted: it loads pyglet and the system's libGL.

Clients' memory is the source of every upload: damaged rows go from the mapping to a texture in one step.
All reading of textures is by whole texels with the arithmetic of the CPU renderer, so both draw the same
picture, to within what 8-bit blending rounds.
"""
