cimport cython
from compositor.memory.plain cimport plain_bytes

# What was made just now has no type here: its slots are empty, which a typed store does not expect.
@cython.locals(
    h0=cython.longlong, h1=cython.longlong, h2=cython.longlong, pool_id=cython.longlong, o1=cython.longlong,
    o2=cython.longlong, size=cython.longlong, oid=cython.longlong, offset=cython.longlong,
    width=cython.longlong, height=cython.longlong, stride=cython.longlong, code=cython.longlong
)
cpdef Py_ssize_t take_pool(client, data, Py_ssize_t position) except -1

@cython.locals(
    objects=list, known=Py_ssize_t, side=cython.longlong, pixel=cython.longlong, file_size=cython.longlong
)
cdef bint make_picture(
    client, long long pool_id, long long size, long long oid, long long offset, long long width,
    long long height, long long stride, long long code
) except -1
