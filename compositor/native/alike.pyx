"""The copies of `compositor.alike`, made word by word."""

cimport cython
from cpython.object cimport PyObject, PyTypeObject
from cpython.ref cimport Py_XINCREF

cdef extern from "Python.h":
    object PyType_GenericAlloc(PyTypeObject*, Py_ssize_t)


@cython.final
cdef class Alike:
    """Makes objects like others of one class; see `compositor.alike`."""

    def __init__(self, cls):
        names = [name for above in cls.__mro__ for name in above.__dict__.get("__slots__", ())]
        count = len(names)
        if "__weakref__" in names or sizeof(PyObject) + count * sizeof(void*) != cls.__basicsize__:
            raise TypeError(f"objects of {cls.__qualname__} have more than slots")
        self.cls = cls
        self.count = count

    cpdef make(self, one):
        cdef PyObject** there
        cdef PyObject** here
        cdef Py_ssize_t i
        if type(one) is not self.cls:
            raise TypeError(f"{one!r} is no {self.cls.__qualname__}")
        made = PyType_GenericAlloc(<PyTypeObject*>self.cls, 0)
        here = <PyObject**>(<char*><PyObject*>made + sizeof(PyObject))
        there = <PyObject**>(<char*><PyObject*>one + sizeof(PyObject))
        for i in range(self.count):
            Py_XINCREF(there[i])
            here[i] = there[i]
        return made
