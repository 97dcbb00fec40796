"""zwlr_screencopy_manager_v1: copies of what outputs show, written into the client's memory.

A buffer has the orientation of the output's mode; the client turns it by
wl_output.geometry's transform. Source: wlr-screencopy-unstable-v1.xml.
"""

from __future__ import annotations

from enum import Enum, IntEnum, IntFlag
from math import ceil, floor

from compositor.geometry import Rect, Region
from compositor.model.capture import DamageLog, turned
from compositor.model.formats import XRGB8888
from compositor.model.output import Output
from compositor.protocol.common import desktop_of
from compositor.protocol.wl_output import WlOutput
from compositor.protocol.wl_shm import WlBuffer
from compositor.wire import Client, Int, Interface, NewId, Uint, event, request

_LOGS = 16
"""Damage is remembered for so many different regions per manager; for others everything counts as new."""
_WAITING = 64
"""Copies of one client that may wait at once."""

Key = tuple[Output, Rect, bool]


class ZwlrScreencopyManagerV1(Interface, name="zwlr_screencopy_manager_v1", version=3):
    """Makes frames, and remembers what of each output and region was copied last."""

    __slots__ = ("logs",)

    def __init__(self, client: Client, oid: int, version: int) -> None:
        super().__init__(client, oid, version)
        self.logs: dict[Key, DamageLog] = {}

    @request()
    def capture_output(
        self, frame: NewId[ZwlrScreencopyFrameV1], overlay_cursor: Int, output: WlOutput
    ) -> None:
        model = output.output
        self._offer(frame, overlay_cursor, model, Rect(0, 0, *model.pixel_size))

    @request()
    def capture_output_region(
        self,
        frame: NewId[ZwlrScreencopyFrameV1],
        overlay_cursor: Int,
        output: WlOutput,
        x: Int,
        y: Int,
        width: Int,
        height: Int,
    ) -> None:
        model = output.output
        scale = model.scale
        x1, y1 = floor(x * scale), floor(y * scale)
        x2, y2 = ceil((x + max(width, 0)) * scale), ceil((y + max(height, 0)) * scale)
        rect = Rect(x1, y1, x2 - x1, y2 - y1).intersect(Rect(0, 0, *model.pixel_size))
        self._offer(frame, overlay_cursor, model, rect)

    def _offer(self, oid: int, overlay_cursor: int, output: Output, rect: Rect) -> None:
        resource = ZwlrScreencopyFrameV1(self.client, oid, self.version)
        resource.offer(self, output, rect, bool(overlay_cursor))

    @request(destructor=True)
    def destroy(self) -> None: ...

    def log_of(self, key: Key) -> DamageLog:
        """Return what has changed since the last copy of the same region."""
        log = self.logs.pop(key, None)
        if log is None:
            log = DamageLog(desktop_of(self), key[0], key[2])
        self.logs[key] = log
        if len(self.logs) > _LOGS:
            oldest = next(iter(self.logs))
            self.logs.pop(oldest).close()
        return log

    def destroyed(self) -> None:
        for log in self.logs.values():
            log.close()
        self.logs.clear()


class Step(Enum):
    """How far a frame has come."""

    OFFERED = "the client knows the buffer it takes"
    WAITING = "the copy is made with a frame of the output"
    OVER = "ready or failed was sent"


class ZwlrScreencopyFrameV1(Interface, name="zwlr_screencopy_frame_v1", version=3):
    """One copy.

    Attributes:
        rect: what is copied, output pixels in logical orientation.
    """

    __slots__ = ("box", "buffer", "cursor", "log", "manager", "output", "rect", "size", "step", "used")

    manager: ZwlrScreencopyManagerV1
    output: Output
    rect: Rect
    box: Rect
    size: tuple[int, int]
    cursor: bool
    step: Step
    used: bool
    buffer: WlBuffer
    log: DamageLog | None

    class Error(IntEnum):
        ALREADY_USED = 0
        INVALID_BUFFER = 1

    class Flags(IntFlag):
        Y_INVERT = 1

    @event()
    def buffer_(self, format: Uint, width: Uint, height: Uint, stride: Uint) -> None:
        """Tell what wl_shm buffer it takes."""

    @request()
    def copy(self, buffer: WlBuffer) -> None:
        self._start(buffer, False)

    @event()
    def flags(self, flags: Uint) -> None:
        """Tell how to read the copy."""

    @event()
    def ready(self, tv_sec_hi: Uint, tv_sec_lo: Uint, tv_nsec: Uint) -> None:
        """The copy is made, of what was shown at that time."""

    @event()
    def failed(self) -> None:
        """There will be no copy."""

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request(since=2)
    def copy_with_damage(self, buffer: WlBuffer) -> None:
        self._start(buffer, True)

    @event(since=2)
    def damage(self, x: Uint, y: Uint, width: Uint, height: Uint) -> None:
        """Tell what has changed since the copy before, buffer pixels."""

    @event(since=3)
    def linux_dmabuf(self, format: Uint, width: Uint, height: Uint) -> None:
        """Never sent: there are no GPU buffers here."""

    @event(since=3)
    def buffer_done(self) -> None:
        """All kinds of buffers have been told."""

    def offer(self, manager: ZwlrScreencopyManagerV1, output: Output, rect: Rect, cursor: bool) -> None:
        """Begin: tell what buffer is needed, or that nothing can be copied."""
        self.manager = manager
        self.output = output
        self.rect = rect
        self.cursor = cursor
        self.used = False
        self.log = None
        self.size = output.pixel_size
        self.box = output.transform.invert().rect(rect, *self.size)
        if rect.empty or not self._shown():
            self._fail()
            return
        self.step = Step.OFFERED
        self.buffer_(XRGB8888.code, self.box.width, self.box.height, self.box.width * 4)
        self.buffer_done()

    def _shown(self) -> bool:
        output = self.output
        return output.enabled and output.powered and output in desktop_of(self).outputs

    def _start(self, buffer: WlBuffer, with_damage: bool) -> None:
        if self.used:
            raise self.error(self.Error.ALREADY_USED, "copied to a buffer already")
        self.used = True
        if self.step is Step.OVER:
            return
        place = buffer.place
        if place is None or place.format is not XRGB8888:
            raise self.error(self.Error.INVALID_BUFFER, f"{buffer!r} is no wl_shm buffer of XRGB8888")
        width, height = buffer.buffer.width, buffer.buffer.height
        if (width, height) != (self.box.width, self.box.height):
            text = f"{buffer!r} has {width}x{height} pixels instead of {self.box.width}x{self.box.height}"
            raise self.error(self.Error.INVALID_BUFFER, text)
        captures = desktop_of(self).captures
        mine = sum(getattr(waiting, "client", None) is self.client for waiting in captures.waiting)
        if not self._shown() or mine >= _WAITING:
            self._fail()
            return
        self.buffer = buffer
        self.step = Step.WAITING
        if with_damage:
            self.log = self.manager.log_of((self.output, self.rect, self.cursor))
        # A log that knows of changes need not wait for more.
        captures.add(self, now=self.log is None or bool(self.log))

    # What the queue says (compositor.model.capture.Waiting)

    def presented(self, now_ns: int) -> bool:
        """The output has shown a frame; return whether the wait is over."""
        output = self.output
        inverse = output.transform.invert()
        if output.pixel_size != self.size or self.box != inverse.rect(self.rect, *self.size):
            self._fail()
            return True
        damage = Region()
        if self.log is not None:
            damage = self.log.look().intersect(self.rect)
            if not damage:
                # What changed elsewhere does not matter to this region.
                self.log.take()
                return False
        desktop = desktop_of(self)
        if not output.powered:
            self._fail()
            return True
        x, y, width, height = self.rect
        picture = desktop.captures.picture(desktop.capturer, output, self.cursor)
        part = turned(picture[y : y + height, x : x + width], inverse)
        if not self.buffer.fill(part, (0, self.box.height)):
            self._fail()
            return True
        self.step = Step.OVER
        self.flags(0)
        if self.log is not None:
            self.log.take()
            self._tell(damage)
        seconds, nanoseconds = divmod(now_ns, 1_000_000_000)
        self.ready(seconds >> 32, seconds & 0xFFFF_FFFF, nanoseconds)
        return True

    def _tell(self, damage: Region) -> None:
        inverse = self.output.transform.invert()
        for rect in damage.rects:
            turned_rect = inverse.rect(rect, *self.size)
            self.damage(*turned_rect.translate(-self.box.x, -self.box.y))

    def output_gone(self) -> None:
        """There will be no frame any more."""
        self._fail()

    def _fail(self) -> None:
        self.step = Step.OVER
        self.failed()

    def destroyed(self) -> None:
        desktop_of(self).captures.remove(self)
