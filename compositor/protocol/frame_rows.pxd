cimport cython

from compositor.native.layouts.buffer cimport Buffer as CBuffer
from compositor.native.layouts.content cimport Content as CContent
from compositor.native.layouts.node cimport Node as CNode
from compositor.native.layouts.ordinary cimport Ordinary as COrdinary
from compositor.native.layouts.output cimport Output as COutput
from compositor.native.layouts.outputscene cimport OutputScene as COutputScene
from compositor.native.layouts.scene cimport Scene as CScene
from compositor.native.layouts.subsurface cimport Subsurface as CSubsurface
from compositor.native.layouts.surfacestate cimport SurfaceState as CSurfaceState
from compositor.native.layouts.wlbuffer cimport WlBuffer as CWlBuffer
from compositor.native.layouts.wlsurface cimport WlSurface as CWlSurface
from compositor.native.words cimport Rows as CRows
from compositor.wire.ordinary cimport send_release

@cython.locals(
    rows=CRows, end=Py_ssize_t, count=Py_ssize_t, known=Py_ssize_t, taken=Py_ssize_t, objects=list,
    oid=cython.longlong, h0=cython.longlong, attached=cython.longlong, x=cython.longlong, y=cython.longlong,
    o1=cython.longlong, h1=cython.longlong, left=cython.longlong, top=cython.longlong,
    width=cython.longlong, height=cython.longlong, o2=cython.longlong, h2=cython.longlong,
    callback=cython.longlong, o3=cython.longlong, h3=cython.longlong,
    copied=cython.bint, told=CWlBuffer, resource=CWlSurface, buffer=CWlBuffer, surface=COrdinary, held=CBuffer, child=CSubsurface,
    parent=COrdinary, pending=CSurfaceState,
    nodes=tuple, old=CContent, content=CContent, previous=CBuffer, entry=COutputScene, node=CNode, output=COutput,
    damage=list, callbacks=list, scene=CScene
)
cpdef Py_ssize_t take_rows(client, data, Py_ssize_t position) except -1
