cdef class Line:
    cdef int fd
    cdef char* room
    cdef Py_ssize_t size
    cdef object kept
    cdef readonly object ancillary
    cdef readonly int flags

    cpdef Py_ssize_t receive(self, Py_ssize_t start, Py_ssize_t most) except -2
    cpdef Py_ssize_t send(self, data) except -2
    cpdef close(self)


cpdef long long now_ns() noexcept
cpdef bint wait(int fd, long long timeout_ns) except -1
