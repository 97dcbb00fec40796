"""The system calls of `compositor.calls`, made directly."""

cimport cython
from cpython.buffer cimport PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer, Py_buffer
from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_CheckExact, PyByteArray_GET_SIZE
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.exc cimport PyErr_CheckSignals, PyErr_SetFromErrno
from libc.errno cimport EAGAIN, EBADF, EINTR, errno
from libc.string cimport memcpy
from posix.unistd cimport close as c_close

cdef extern from "<sys/socket.h>" nogil:
    struct iovec:
        void* iov_base
        size_t iov_len

    struct msghdr:
        void* msg_name
        size_t msg_namelen
        iovec* msg_iov
        size_t msg_iovlen
        void* msg_control
        size_t msg_controllen
        int msg_flags

    struct cmsghdr:
        size_t cmsg_len
        int cmsg_level
        int cmsg_type

    ssize_t recvmsg(int, msghdr*, int)
    ssize_t c_send "send"(int, const void*, size_t, int)
    cmsghdr* CMSG_FIRSTHDR(msghdr*)
    cmsghdr* CMSG_NXTHDR(msghdr*, cmsghdr*)
    unsigned char* CMSG_DATA(cmsghdr*)
    size_t CMSG_SPACE(size_t)
    size_t CMSG_LEN(size_t)
    int MSG_DONTWAIT
    int MSG_CMSG_CLOEXEC
    int MSG_CTRUNC
    int MSG_NOSIGNAL
    int SOL_SOCKET
    int SCM_RIGHTS

cdef extern from "<fcntl.h>" nogil:
    int fcntl(int, int, ...)
    int F_GETFL
    int F_GET_SEALS

cdef extern from "<sys/stat.h>" nogil:
    struct c_stat "stat":
        unsigned long st_dev
        long long st_size

    int fstat(int, c_stat*)

cdef extern from "<poll.h>" nogil:
    struct pollfd:
        int fd
        short events
        short revents

    struct timespec:
        long tv_sec
        long tv_nsec

    int ppoll(pollfd*, unsigned long, timespec*, void*)
    int POLLIN

cdef extern from "<time.h>" nogil:
    int clock_gettime(int, timespec*)
    int CLOCK_MONOTONIC

cdef enum:
    _ANCILLARY = 1032
    # CMSG_SPACE(4 * 253): what the kernel passes in one message.


cpdef long long now_ns() noexcept:
    """CLOCK_MONOTONIC in nanoseconds."""
    cdef timespec now
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1_000_000_000LL + now.tv_nsec


cpdef bint wait(int fd, long long timeout_ns) except -1:
    """Wait until `fd` can be read, or the time is over; see `compositor.calls`."""
    return wait_either(fd, -1, timeout_ns) != 0


cpdef int wait_either(int fd, int other, long long timeout_ns) except -1:
    """Wait until one of two can be read, or the time is over; see `compositor.calls`."""
    cdef pollfd[2] waited
    cdef timespec left
    cdef int ready
    waited[0].fd = fd
    waited[1].fd = other
    waited[0].events = waited[1].events = POLLIN
    waited[0].revents = waited[1].revents = 0
    left.tv_sec = timeout_ns // 1_000_000_000
    left.tv_nsec = timeout_ns % 1_000_000_000
    if timeout_ns:
        with nogil:
            ready = ppoll(waited, 2, &left, NULL)
    else:
        ready = ppoll(waited, 2, &left, NULL)
    if ready < 0:
        if errno != EINTR:
            PyErr_SetFromErrno(OSError)
        PyErr_CheckSignals()
        return 0
    return (waited[0].revents != 0) | (waited[1].revents != 0) << 1


cpdef int seals(int fd) noexcept:
    """The seal bits of a file of memory, or -1; see `compositor.calls`."""
    return fcntl(fd, F_GET_SEALS)


cpdef look_t look(int fd) noexcept:
    """Look at a file of memory; see `compositor.calls`."""
    cdef c_stat found
    cdef int sealed = fcntl(fd, F_GET_SEALS)
    cdef int flags
    if sealed >= 0:
        flags = fcntl(fd, F_GETFL)
        if flags >= 0 and fstat(fd, &found) == 0:
            return (sealed, flags, <long long>found.st_dev, found.st_size)
    return (-1, -1, -1, -1)


cpdef int close(int fd) except -1:
    """Close a descriptor; see `compositor.calls`."""
    cdef int failed
    with nogil:
        # Who closes a large file last pays for its memory.
        failed = c_close(fd)
    if failed and errno == EBADF:
        PyErr_SetFromErrno(OSError)
    return 0


@cython.final
cdef class Line:
    """One connection's socket; see `compositor.calls`."""

    def __init__(self, sock, room):
        cdef Py_buffer view
        self.fd = sock.fileno()
        PyObject_GetBuffer(room, &view, PyBUF_WRITABLE)
        self.room = <char*>view.buf
        self.size = view.len
        # A memoryview of a bytearray: what holds that keeps the memory where it is.
        PyBuffer_Release(&view)
        self.kept = room
        self.found = []
        self.lone = -1
        self.flags = 0

    @property
    def ancillary(self):
        if self.found is None:
            self.found = [(SOL_SOCKET, SCM_RIGHTS, (<char*>&self.lone)[:4])]
        return self.found

    cpdef Py_ssize_t receive(self, Py_ssize_t start, Py_ssize_t most) except -2:
        cdef char control[_ANCILLARY]
        cdef iovec part
        cdef msghdr message
        cdef ssize_t count
        cdef cmsghdr* head
        if start < 0 or start > self.size:
            raise ValueError("outside of the room")
        part.iov_base = self.room + start
        part.iov_len = min(most, self.size - start)
        message.msg_name = NULL
        message.msg_namelen = 0
        message.msg_iov = &part
        message.msg_iovlen = 1
        message.msg_control = control
        message.msg_controllen = CMSG_SPACE(4 * 253)
        message.msg_flags = 0
        count = recvmsg(self.fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)
        if count < 0:
            if errno == EAGAIN:
                return -1
            PyErr_SetFromErrno(OSError)
        self.flags = message.msg_flags
        if not message.msg_controllen:
            self.lone = -2 if message.msg_flags & MSG_CTRUNC else -1
            if self.found is None or self.found:
                self.found = []
            return count
        head = CMSG_FIRSTHDR(&message)
        if (
            head != NULL
            and head.cmsg_level == SOL_SOCKET
            and head.cmsg_type == SCM_RIGHTS
            and head.cmsg_len == CMSG_LEN(4)
            and message.msg_controllen <= CMSG_SPACE(4)
            and not message.msg_flags & MSG_CTRUNC
        ):
            memcpy(&self.lone, CMSG_DATA(head), 4)
            self.found = None
        else:
            self.lone = -2
            self.found = _ancillary(&message)
        return count

    cpdef Py_ssize_t send(self, data) except -2:
        cdef ssize_t count
        if PyByteArray_CheckExact(data):
            count = c_send(
                self.fd, PyByteArray_AS_STRING(data), PyByteArray_GET_SIZE(data), MSG_DONTWAIT | MSG_NOSIGNAL
            )
        else:
            if type(data) is not bytes:
                raise TypeError("bytes or bytearray")
            count = c_send(
                self.fd, PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data), MSG_DONTWAIT | MSG_NOSIGNAL
            )
        if count < 0:
            PyErr_SetFromErrno(OSError)
        return count

    cpdef close(self):
        # The number may be another file's soon.
        self.fd = -1


cdef list _ancillary(msghdr* message):
    """The control messages as `socket.recvmsg` returns them."""
    cdef cmsghdr* head = CMSG_FIRSTHDR(message)
    cdef char* end = <char*>message.msg_control + message.msg_controllen
    cdef unsigned char* payload
    cdef Py_ssize_t size
    found = []
    try:
        while head != NULL:
            payload = CMSG_DATA(head)
            size = min(<Py_ssize_t>head.cmsg_len - (payload - <unsigned char*>head), end - <char*>payload)
            if size > 0:
                found.append((head.cmsg_level, head.cmsg_type, payload[:size]))
            head = CMSG_NXTHDR(message, head)
    except MemoryError:
        _close_all(message)
        raise
    return found


cdef void _close_all(msghdr* message) noexcept:
    cdef cmsghdr* head = CMSG_FIRSTHDR(message)
    cdef Py_ssize_t count, i
    cdef int number
    while head != NULL:
        if head.cmsg_level == SOL_SOCKET and head.cmsg_type == SCM_RIGHTS:
            count = (<Py_ssize_t>head.cmsg_len - (CMSG_DATA(head) - <unsigned char*>head)) // 4
            for i in range(count):
                memcpy(&number, CMSG_DATA(head) + 4 * i, 4)
                c_close(number)
        head = CMSG_NXTHDR(message, head)
