"""Drawing what needs no more than copying and blending, a whole schedule with one call.

Only `compositor.render.cpu_direct` imports it.
"""

cimport cython
from cpython.buffer cimport PyBUF_STRIDED_RO, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport uint32_t, uintptr_t
from libc.stdlib cimport free, realloc

from compositor.native.layouts.content cimport Content as CContent
from compositor.native.layouts.node cimport Node as CNode

from compositor.model.content import Content

cdef extern from "kernels.h" nogil:
    void over_rows(char*, long, const char*, long, long, long)
    int c_use_vectors "use_vectors"(int)
    void copy_rows(char*, long, const char*, long, long, long)
    void stream_rows(char*, long, const char*, long, long, long)
    void fill_rows(char*, long, uint32_t, long, long)

cdef enum:
    # Rows that are drawn before the next ones, where much is blended: a band and what is drawn into it
    # stay in the second cache.
    _BAND = 32
    # Pixels: where more are blended, bands pay; copies of more go past the caches.
    _MUCH = 256 * 1024



def use_vectors(int most):
    """Have pixels blended in vectors of no more than so many bytes; returns how many that are, 16 at least.

    What is drawn is the same; for tests.
    """
    return c_use_vectors(most)


use_vectors(64)


@cython.final
cdef class Raster:
    """The memory of an array of 32-bit pixels, which it keeps.

    Args:
        pixels: (height, width) of 4 bytes each, rows contiguous and aligned.
        has_alpha: whether the highest byte means anything.
    """

    def __init__(self, pixels, bint has_alpha):
        cdef Py_buffer view
        cdef bint fits
        PyObject_GetBuffer(pixels, &view, PyBUF_STRIDED_RO)
        fits = view.ndim == 2 and view.itemsize == 4
        if fits:
            self.height, self.width = view.shape[0], view.shape[1]
            self.stride = view.strides[0]
            self.data = <char*>view.buf
            fits = (self.width < 2 or view.strides[1] == 4) and self.stride >= 4 * self.width
        PyBuffer_Release(&view)
        if not fits:
            raise ValueError("not rows of 32-bit pixels")
        if <uintptr_t>self.data & 3 or self.stride & 3:
            raise ValueError("not aligned")
        self.has_alpha = has_alpha
        # Its memory stays where it is for as long as the array is there.
        self.kept = pixels


cdef struct Blit:
    long sx
    long sy
    long x
    long y
    long width
    long height
    bint heed_alpha


cdef struct Job:
    long node
    long width
    long height
    long first
    long end
    # Of the content that the frame shows.
    char* data
    long stride
    bint has_alpha


@cython.final
cdef class Sheet:
    """A schedule, cut to its clips: what is to be drawn from where to where.

    Args:
        target: what is drawn into.
        places: as `Rehearsed.places`, bottom to top; each is shown one for one and wholly visible.
        damage: output pixels, within the target.
    """

    cdef Raster target
    cdef Blit* blits
    cdef long count
    cdef long room
    cdef Job* jobs
    cdef long many
    cdef bint banded
    cdef bint streams

    def __cinit__(self):
        self.blits = NULL
        self.jobs = NULL
        self.count = self.room = self.many = 0

    def __dealloc__(self):
        free(self.blits)
        free(self.jobs)

    def __init__(self, Raster target, list places, damage):
        cdef Job* job
        cdef long left, top, right, bottom, x, y, width, height, dx, dy, sx, sy
        cdef double blended = 0
        self.target = target
        self.jobs = <Job*>realloc(NULL, max(1, len(places)) * sizeof(Job))
        if self.jobs == NULL:
            raise MemoryError()
        for node, plan, clip in places:
            job = &self.jobs[self.many]
            self.many += 1
            job.node = node
            job.width = plan.width
            job.height = plan.height
            job.first = self.count
            for heed_alpha, sx, sy, dx, dy, width, height in plan.pieces:
                if sx < 0 or sy < 0 or sx + width > job.width or sy + height > job.height:
                    raise ValueError("a piece outside of its content")
                for x, y, right, bottom in damage if clip is None else clip:
                    left, top = max(x, dx), max(y, dy)
                    right, bottom = min(x + right, dx + width), min(y + bottom, dy + height)
                    if left < right and top < bottom:
                        self.add(sx + left - dx, sy + top - dy, left, top, right, bottom, heed_alpha)
                        if heed_alpha:
                            blended += (right - left) * (bottom - top)
            job.end = self.count
        self.banded = blended > _MUCH

    cdef int add(
        self, long sx, long sy, long left, long top, long right, long bottom, bint heed_alpha
    ) except -1:
        cdef Blit* blit
        if left < 0 or top < 0 or right > self.target.width or bottom > self.target.height:
            raise ValueError("a clip outside of the target")
        if self.count == self.room:
            self.room = self.room * 2 + 16
            blit = <Blit*>realloc(self.blits, self.room * sizeof(Blit))
            if blit == NULL:
                raise MemoryError()
            self.blits = blit
        blit = &self.blits[self.count]
        self.count += 1
        blit.sx, blit.sy, blit.x, blit.y = sx, sy, left, top
        blit.width, blit.height, blit.heed_alpha = right - left, bottom - top, heed_alpha
        return 0

    def draw(self, list nodes):
        """Draw what the nodes show now.

        Returns:
            -1, or the number of the first place whose content has no `Raster` of the planned size in its
            `cache.raster`; then nothing was drawn.
        """
        cdef long number, top
        cdef Job* job
        cdef CNode node
        cdef CContent content
        cdef Raster raster
        for number in range(self.many):
            job = &self.jobs[number]
            node = nodes[job.node]
            if type(node.content) is not Content:
                return number
            content = node.content
            # Another renderer may have kept something else there.
            found = getattr(content.cache, "raster", None)
            if type(found) is not Raster:
                return number
            raster = found
            if raster.width != job.width or raster.height != job.height:
                return number
            # The content keeps it, and nobody changes that meanwhile.
            job.data, job.stride, job.has_alpha = raster.data, raster.stride, raster.has_alpha
        if not self.banded:
            self.draw_rows(0, self.target.height)
        else:
            for top in range(0, self.target.height, _BAND):
                self.draw_rows(top, min(top + _BAND, self.target.height))
        return -1

    cdef void draw_rows(self, long first, long end) noexcept:
        cdef long number, i, top, bottom, stride = self.target.stride
        cdef Job* job
        cdef Blit* blit
        cdef char* to
        cdef char* source
        for number in range(self.many):
            job = &self.jobs[number]
            for i in range(job.first, job.end):
                blit = &self.blits[i]
                top, bottom = max(first, blit.y), min(end, blit.y + blit.height)
                if top >= bottom:
                    continue
                to = self.target.data + top * stride + 4 * blit.x
                source = job.data + (blit.sy + top - blit.y) * job.stride + 4 * blit.sx
                if blit.heed_alpha and job.has_alpha:
                    over_rows(to, stride, source, job.stride, blit.width, bottom - top)
                elif self.banded or blit.width * (bottom - top) < _MUCH:
                    copy_rows(to, stride, source, job.stride, blit.width, bottom - top)
                else:
                    stream_rows(to, stride, source, job.stride, blit.width, bottom - top)


def fill(Raster target, rects, uint32_t argb):
    """Set every pixel of rectangles within the target."""
    cdef long x, y, width, height
    for x, y, width, height in rects:
        if x < 0 or y < 0 or width < 0 or height < 0 or x + width > target.width or y + height > target.height:
            raise ValueError("outside of the target")
        fill_rows(target.data + y * target.stride + 4 * x, target.stride, argb, width, height)
