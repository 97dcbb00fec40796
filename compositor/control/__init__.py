"""The control socket: the compositor's own API for drivers, tests and the command line.

JSON-RPC 2.0, one object per line, descriptors beside the line that names them.
From the ground up:

* `jsonrpc`: lines to requests, results and errors to lines; no sockets.
* `params`: checks what a request says against the method's own annotations.
* `registry`: namespaces of methods, and the replies that come later.
* `connection`, `listener`: the socket, never waiting for anybody.
* `events`: what subscribers are told. `launcher`: the programs started from here.
* `quiet`: whether programs have anything left to do.
* `methods/`: one class per namespace.
* `server`: all of it, for one compositor.

The Python driver knows the socket and nothing of this package.
"""

from compositor.control.launcher import Launch, Launcher, LaunchError
from compositor.control.server import ControlServer

__all__ = ["ControlServer", "Launch", "LaunchError", "Launcher"]
