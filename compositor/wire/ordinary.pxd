cimport cython

from compositor.native.layouts.client cimport Client as CClient
from compositor.native.layouts.resource cimport Resource as CResource
from compositor.native.words cimport put2, put6

@cython.locals(callback=CResource, client=CClient, oid=cython.longlong, objects=list, out=bytearray)
cpdef send_done(list callbacks, time_ms)

@cython.locals(client=CClient, out=bytearray)
cpdef send_release(CResource resource)
