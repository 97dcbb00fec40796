cdef class Raster:
    cdef char* data
    cdef long stride
    cdef long width
    cdef long height
    cdef bint has_alpha
    cdef object kept
