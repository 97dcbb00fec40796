cdef class Line:
    cdef int fd
    cdef char* room
    cdef Py_ssize_t size
    cdef object kept
    cdef list found
    cdef readonly int lone
    cdef readonly int flags

    cpdef Py_ssize_t receive(self, Py_ssize_t start, Py_ssize_t most) except -2
    cpdef Py_ssize_t send(self, data) except -2
    cpdef close(self)


# Seals, flags, device, size: as `compositor.calls.look` returns them.
ctypedef (int, int, long long, long long) look_t

cpdef int seals(int fd) noexcept
cpdef look_t look(int fd) noexcept
cpdef int close(int fd) except -1
cpdef long long now_ns() noexcept
cpdef bint wait(int fd, long long timeout_ns) except -1
cpdef int wait_either(int fd, int other, long long timeout_ns) except -1
