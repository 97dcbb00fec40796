cimport cython
from compositor.native.calls cimport look

cdef int _SEAL, _ACCESS, _WRITING
cdef long long _device

@cython.locals(seals=int, flags=int, device=cython.longlong, size=cython.longlong)
cpdef long long plain_bytes(int fd) except -2
