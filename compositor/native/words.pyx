"""The words of `compositor.words`, read and written in place."""

cimport cython
from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer, Py_buffer
from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_GET_SIZE, PyByteArray_Resize
from libc.string cimport memcpy

@cython.final
cdef class Rows:
    """Reads the four requests of ordinary frames; see `compositor.words`."""

    def __cinit__(self, data):
        PyObject_GetBuffer(data, &self.view, PyBUF_SIMPLE)

    def __dealloc__(self):
        PyBuffer_Release(&self.view)

    cpdef row_t row(self, Py_ssize_t position) except *:
        cdef row_t words
        if position < 0 or position > self.view.len - <Py_ssize_t>sizeof(words):
            raise ValueError("not all of the words are there")
        memcpy(&words, <char*>self.view.buf + position, sizeof(words))
        return words


cpdef int put2(bytearray out, unsigned int a, unsigned int b) except -1:
    cdef Py_ssize_t size = PyByteArray_GET_SIZE(out)
    cdef unsigned int[2] words
    words[0], words[1] = a, b
    PyByteArray_Resize(out, size + 8)
    memcpy(PyByteArray_AS_STRING(out) + size, words, 8)
    return 0


cpdef int put3(bytearray out, unsigned int a, unsigned int b, unsigned int c) except -1:
    cdef Py_ssize_t size = PyByteArray_GET_SIZE(out)
    cdef unsigned int[3] words
    words[0], words[1], words[2] = a, b, c
    PyByteArray_Resize(out, size + 12)
    memcpy(PyByteArray_AS_STRING(out) + size, words, 12)
    return 0


cpdef int put6(
    bytearray out, unsigned int a, unsigned int b, unsigned int c, unsigned int d, unsigned int e, unsigned int f
) except -1:
    cdef Py_ssize_t size = PyByteArray_GET_SIZE(out)
    cdef unsigned int[6] words
    words[0], words[1], words[2], words[3], words[4], words[5] = a, b, c, d, e, f
    PyByteArray_Resize(out, size + 24)
    memcpy(PyByteArray_AS_STRING(out) + size, words, 24)
    return 0
