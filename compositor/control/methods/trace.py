"""The protocol trace of a while, on demand: started and stopped by a driver, and passed frozen."""

from __future__ import annotations

from typing import Annotated

from compositor.control.host import Host
from compositor.control.jsonrpc import Code, RequestError
from compositor.control.params import Range
from compositor.control.registry import Call, Reply, method
from compositor.descriptor import Descriptor
from compositor.wire.trace import TraceBuffer

MAX_BYTES = 256 << 20


class TraceMethods:
    """The namespace ``trace``. One trace at a time; it ends with the connection that started it."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._trace: TraceBuffer | None = None

    @method("trace.start")
    def start(self, call: Call, max_bytes: Annotated[int, Range(4096, MAX_BYTES)] = 16 << 20) -> None:
        """Note every request and event from now on; the newest `max_bytes` are kept."""
        if self._trace is not None:
            raise RequestError(Code.FAILED, "trace.start: a trace is being made already")
        trace = self._trace = TraceBuffer(self._host.clock.now_ns, max_bytes)
        call.connection.on_close.append(lambda: self._give_up(trace))

    @method("trace.stop")
    def stop(self) -> Reply:
        """Pass what was noted: JSON objects, one a line, as `weddell run --trace` writes them."""
        from compositor.memory import freeze

        if self._trace is None:
            raise RequestError(Code.FAILED, "trace.stop: no trace is being made")
        trace, self._trace = self._trace, None
        lines = len(trace)
        text = trace.close()
        message = freeze(text, "weddell-trace")
        value = {"fd": 0, "size": len(text), "lines": lines, "dropped": trace.dropped}
        return Reply(value, [Descriptor(message.take())])

    def _give_up(self, trace: TraceBuffer) -> None:
        if self._trace is trace:
            self._trace = None
            trace.close()
