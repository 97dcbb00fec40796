from cpython.buffer cimport Py_buffer

# The types of `compositor.words.ROW`.
ctypedef (
    unsigned int, unsigned int, unsigned int, int, int, unsigned int, unsigned int, int, int, int, int,
    unsigned int, unsigned int, unsigned int, unsigned int, unsigned int
) row_t


cdef class Rows:
    cdef Py_buffer view

    cpdef row_t row(self, Py_ssize_t position) except *


cpdef int put2(bytearray out, unsigned int a, unsigned int b) except -1
cpdef int put3(bytearray out, unsigned int a, unsigned int b, unsigned int c) except -1
cpdef int put6(
    bytearray out, unsigned int a, unsigned int b, unsigned int c, unsigned int d, unsigned int e, unsigned int f
) except -1
