"""The control socket: the compositor's own API for drivers, tests and the command line.

JSON-RPC 2.0, one object per line, descriptors beside the line that names them.
From the ground up:

* `jsonrpc`: lines to requests, results and errors to lines; no sockets.
* `params`: checks what a request says against the method's own annotations.
* `registry`: namespaces of methods, and the replies that come later.
* `connection`, `listener`: the socket, never waiting for anybody.
* `launcher`: the programs started from here.
* `methods/`: one class per namespace.

The server wires it together; the Python driver knows the socket and nothing of this package.
"""
