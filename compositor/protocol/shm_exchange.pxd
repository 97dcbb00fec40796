cimport cython
from compositor.descriptor cimport Descriptor
from compositor.memory.plain cimport plain_bytes
from compositor.native.alike cimport Alike as CAlike
from compositor.native.layouts.account cimport Account as CAccount
from compositor.native.layouts.client cimport Client as CClient
from compositor.native.layouts.copiedbuffer cimport CopiedBuffer as CCopiedBuffer
from compositor.native.layouts.copiedcontent cimport CopiedContent as CCopiedContent
from compositor.native.layouts.display cimport Display as CDisplay
from compositor.native.layouts.limits cimport Limits as CLimits
from compositor.native.layouts.pool cimport Pool as CPool
from compositor.native.layouts.sharedpool cimport SharedPool as CSharedPool
from compositor.native.layouts.totals cimport Totals as CTotals
from compositor.native.layouts.wlbuffer cimport WlBuffer as CWlBuffer
from compositor.native.words cimport Rows as CRows, put3

cdef unsigned int _DESTROY_BUFFER, _CREATE_POOL, _CREATE_BUFFER, _DESTROY_POOL, _DELETE_ID
cdef CAlike _pools, _shared, _copied, _buffers

@cython.locals(
    objects=list, known=Py_ssize_t, old=CWlBuffer, shown=CWlBuffer, spent=CCopiedBuffer, held=CCopiedBuffer,
    shared=CSharedPool, next_shared=CSharedPool, pool=CPool, next_pool=CPool, file=Descriptor, pools=list,
    account=CAccount, totals=CTotals, display=CDisplay, limits=CLimits, out=bytearray,
    gone=cython.longlong, h0=cython.longlong, shm=cython.longlong, h1=cython.longlong, pid=cython.longlong,
    size=cython.longlong, o1=cython.longlong, h2=cython.longlong, oid=cython.longlong,
    offset=cython.longlong, wide=cython.longlong, high=cython.longlong, stride=cython.longlong,
    code=cython.longlong, o2=cython.longlong, h3=cython.longlong,
    spent_wide=cython.longlong, spent_high=cython.longlong, spent_stride=cython.longlong,
    spent_offset=cython.longlong, pool_size=cython.longlong, file_size=cython.longlong,
    content_wide=cython.longlong, content_high=cython.longlong, end=cython.longlong,
)
cpdef exchange(
    CClient client, CRows rows, CCopiedContent content, long long format_code, long long made, long long taken, int fd
)
