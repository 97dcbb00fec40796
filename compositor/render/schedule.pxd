cimport cython

from compositor.native.layouts.node cimport Node as CNode

cdef class Rehearsed:
    cdef object _damage
    cdef list _plans
    cdef readonly list places
    cdef readonly object rest

    @cython.locals(plans=list, node=CNode)
    cpdef bint fits(self, nodes, damage) except -1
