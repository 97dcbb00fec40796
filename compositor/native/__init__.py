"""The hot paths, compiled: optional, for speed alone.

    calls    waiting, receiving and sending without the standard library's wrappers (`compositor.calls`)
    words    32-bit words appended in place (`compositor.words`)
    sources  which modules of the compositor are compiled from their own Python source
    build    compiles all of it with Cython and a C compiler; runs when the package is installed

`compositor.render.pixels` belongs to it, too: copying and blending, a whole schedule with one call.

What is compiled from Python has its types in a .pxd file beside the source. Where nothing was built, no
compiler was there, or WEDDELL_PURE is set, the Python sources run: they do the same, and pass the same tests.

`python -m compositor.native` tells what is in use, and builds.
"""
