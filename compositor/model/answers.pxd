cimport cython

from compositor.native.layouts.outputscene cimport OutputScene as COutputScene
from compositor.native.layouts.surfacebase cimport SurfaceBase as CSurfaceBase

@cython.locals(taken=list, surface=CSurfaceBase, nodes=tuple, entry=COutputScene, callbacks=list)
cpdef list take_answered(waiting, output, dict clients, list elsewhere)
