cdef class Alike:
    cdef object cls
    cdef Py_ssize_t count

    cpdef make(self, one)
