from compositor.native.calls cimport close, seals

cpdef int close_own(int fd) except -1
cpdef close_fd(int fd)

cdef class Descriptor:
    cdef readonly int number

    cpdef int fileno(self) except -1
    cpdef int take(self) except -1
    cpdef close(self)
