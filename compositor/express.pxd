cimport cython
from compositor.descriptor cimport Descriptor
from compositor.protocol.shm_exchange cimport exchange
from compositor.native.calls cimport Line as CLine, now_ns, wait, wait_either
from compositor.native.words cimport Rows as CRows, put2, put6
from compositor.native.layouts.buffer cimport Buffer as CBuffer
from compositor.native.layouts.client cimport Client as CClient
from compositor.native.layouts.content cimport Content as CContent
from compositor.native.layouts.copiedbuffer cimport CopiedBuffer as CCopiedBuffer
from compositor.native.layouts.copiedcontent cimport CopiedContent as CCopiedContent
from compositor.native.layouts.display cimport Display as CDisplay
from compositor.native.layouts.headlessbackend cimport HeadlessBackend as CHeadlessBackend
from compositor.native.layouts.node cimport Node as CNode
from compositor.native.layouts.output cimport Output as COutput
from compositor.native.layouts.outputscene cimport OutputScene as COutputScene
from compositor.native.layouts.pool cimport Pool as CPool
from compositor.native.layouts.scene cimport Scene as CScene
from compositor.native.layouts.screen cimport Screen as CScreen
from compositor.native.layouts.subsurface cimport Subsurface as CSubsurface
from compositor.native.layouts.surfacebase cimport SurfaceBase as CSurfaceBase
from compositor.native.layouts.surfacestate cimport SurfaceState as CSurfaceState
from compositor.native.layouts.wlbuffer cimport WlBuffer as CWlBuffer
from compositor.native.layouts.wlsurface cimport WlSurface as CWlSurface

cdef int _NOTHING
cdef Py_ssize_t _BYTES, _WITH_POOL
cdef unsigned int _ATTACH, _DAMAGE, _FRAME, _COMMIT
cdef long long _WORD
cdef unsigned int _RELEASE, _DONE, _DELETE_ID

cdef class Express:
    cdef CHeadlessBackend _backend
    cdef CClient _client
    cdef int _descriptor
    cdef CDisplay _display
    cdef COutputScene _entry
    cdef object _format
    cdef long long _format_code
    cdef readonly object generation
    cdef bint _in_place
    cdef CLine _line
    cdef Py_ssize_t _most
    cdef object _nodes
    cdef long long _oid
    cdef COutput _output
    cdef object _placed
    cdef CWlSurface _resource
    cdef CRows _rows
    cdef CScene _scene
    cdef CScreen _screen
    cdef CWlBuffer _shown
    cdef CSurfaceBase _surface

    @cython.locals(heap=list, deadline=cython.longlong, period=cython.longlong, client=CClient, left=cython.longlong, now=cython.longlong, made=Py_ssize_t, due=cython.longlong, ready=int, woken=Py_ssize_t, leaving=list, pool=CPool, file=Descriptor)
    cpdef ride(self, loop, pace, int descriptor)

    @cython.locals(
        client=CClient, surface=CSurfaceBase, scene=CScene, entry=COutputScene, output=COutput,
        pending=CSurfaceState, parent=CSurfaceBase, content=CContent, resource=CWlSurface, line=CLine, child=CSubsurface, count=Py_ssize_t, held=CBuffer, previous=CBuffer,
        shown=CWlBuffer, before=CWlBuffer, objects=list, node=CNode, old=CContent, out=bytearray,
        copied=cython.bint, told=cython.longlong,
        o0=cython.longlong, h0=cython.longlong, attached=cython.longlong, x=cython.longlong, y=cython.longlong,
        o1=cython.longlong, h1=cython.longlong, left=cython.longlong, top=cython.longlong,
        width=cython.longlong, height=cython.longlong, o2=cython.longlong, h2=cython.longlong,
        callback=cython.longlong, o3=cython.longlong, h3=cython.longlong,
    )
    cpdef bint frame(self, long long now_ns) except -1

    @cython.locals(
        client=CClient, scene=CScene, entry=COutputScene, output=COutput, screen=CScreen, line=CLine, node=CNode,
        out=bytearray, sent=Py_ssize_t,
    )
    cdef int _finish(
        self, long long left, long long top, long long width, long long height, long long callback,
        long long told, long long now_ns
    ) except -1

    @cython.locals(
        client=CClient, surface=CSurfaceBase, rows=CRows, objects=list, content=CCopiedContent, shown=CWlBuffer,
        resource=CWlBuffer, held=CCopiedBuffer, before=CCopiedBuffer, previous=CBuffer, told=cython.longlong,
        o0=cython.longlong, h0=cython.longlong, attached=cython.longlong, x=cython.longlong, y=cython.longlong,
        o1=cython.longlong, h1=cython.longlong, left=cython.longlong, top=cython.longlong,
        width=cython.longlong, height=cython.longlong, o2=cython.longlong, h2=cython.longlong,
        callback=cython.longlong, o3=cython.longlong, h3=cython.longlong,
    )
    cdef bint _frame_with_pool(self, long long now_ns, int fd) except -1

    @cython.locals(client=CClient)
    cdef int _tell_later(self) except -1
