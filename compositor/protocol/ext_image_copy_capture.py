"""ext_image_copy_capture_manager_v1: outputs, windows and cursors copied into the client's memory.

Pictures of outputs come upright, whatever the output's transform.
Source: ext-image-copy-capture-v1.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.geometry import EMPTY_REGION, Rect, Region
from compositor.model.capture import CursorPicture
from compositor.model.feeds import CursorFeed, Feed
from compositor.protocol.common import desktop_of
from compositor.protocol.ext_image_capture_source import ExtImageCaptureSourceV1
from compositor.protocol.wl_seat.pointer import WlPointer
from compositor.protocol.wl_shm import WlBuffer
from compositor.wire import Array, Int, Interface, NewId, Uint, event, request

_DAMAGE_RECTS = 32


class ExtImageCopyCaptureManagerV1(Interface, name="ext_image_copy_capture_manager_v1", version=1):
    """Makes sessions."""

    __slots__ = ()

    class Error(IntEnum):
        INVALID_OPTION = 1

    class Options(IntEnum):
        PAINT_CURSORS = 1

    @request()
    def create_session(
        self, session: NewId[ExtImageCopyCaptureSessionV1], source: ExtImageCaptureSourceV1, options: Uint
    ) -> None:
        if options > 1:
            raise self.error(self.Error.INVALID_OPTION, f"create_session: {options:#x} is no set of options")
        resource = ExtImageCopyCaptureSessionV1(self.client, session, self.version)
        resource.start(source.open(bool(options)))

    @request()
    def create_pointer_cursor_session(
        self,
        session: NewId[ExtImageCopyCaptureCursorSessionV1],
        source: ExtImageCaptureSourceV1,
        pointer: WlPointer,
    ) -> None:
        ExtImageCopyCaptureCursorSessionV1(self.client, session, self.version).start(source)

    @request(destructor=True)
    def destroy(self) -> None: ...


class ExtImageCopyCaptureSessionV1(Interface, name="ext_image_copy_capture_session_v1", version=1):
    """One source, captured again and again.

    Attributes:
        feed: None once the source is gone.
        frame: the frame there is, which must go before the next.
    """

    __slots__ = ("feed", "frame")

    feed: Feed | None
    frame: ExtImageCopyCaptureFrameV1 | None

    class Error(IntEnum):
        DUPLICATE_FRAME = 1

    @event()
    def buffer_size(self, width: Uint, height: Uint) -> None:
        """Tell how large buffers must be."""

    @event()
    def shm_format(self, format: Uint) -> None:
        """Tell a format that they may have."""

    @event()
    def dmabuf_device(self, device: Array) -> None:
        """Never sent: there are no GPU buffers here."""

    @event()
    def dmabuf_format(self, format: Uint, modifiers: Array) -> None:
        """Never sent."""

    @event()
    def done(self) -> None:
        """All that buffers must be has been told."""

    @event()
    def stopped(self) -> None:
        """The source is gone."""

    @request()
    def create_frame(self, frame: NewId[ExtImageCopyCaptureFrameV1]) -> None:
        if self.frame is not None:
            raise self.error(self.Error.DUPLICATE_FRAME, f"{self.frame!r} was not destroyed yet")
        resource = ExtImageCopyCaptureFrameV1(self.client, frame, self.version)
        resource.start(self)
        self.frame = resource

    @request(destructor=True)
    def destroy(self) -> None: ...

    def start(self, feed: Feed | None) -> None:
        """Tell what buffers must be, or that there is nothing to capture."""
        self.feed = feed
        self.frame = None
        if feed is None:
            self.stopped()
            return
        feed.on_change = self._tell
        feed.on_stop = self._stop
        self._tell()

    def _tell(self) -> None:
        if self.feed is not None and self.alive:
            self.buffer_size(*self.feed.size)
            for pixel_format in self.feed.formats:
                self.shm_format(pixel_format.code)
            self.done()

    def _stop(self) -> None:
        self.feed = None
        if self.alive:
            self.stopped()
        if self.frame is not None:
            self.frame.source_gone()

    def rest(self) -> None:
        """Let go of the feed once neither the session nor a frame needs it."""
        if self.feed is not None and not self.alive and self.frame is None:
            self.feed.close()
            self.feed = None

    def destroyed(self) -> None:
        # A frame that was made before is still served.
        self.rest()


class ExtImageCopyCaptureFrameV1(Interface, name="ext_image_copy_capture_frame_v1", version=1):
    """One picture."""

    __slots__ = ("buffer", "captured", "damaged", "over", "session")

    session: ExtImageCopyCaptureSessionV1
    buffer: WlBuffer | None
    damaged: Region
    captured: bool
    over: bool

    class Error(IntEnum):
        NO_BUFFER = 1
        INVALID_BUFFER_DAMAGE = 2
        ALREADY_CAPTURED = 3

    class FailureReason(IntEnum):
        UNKNOWN = 0
        BUFFER_CONSTRAINTS = 1
        STOPPED = 2

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def attach_buffer(self, buffer: WlBuffer) -> None:
        self._check("attach_buffer")
        self.buffer = buffer

    @request()
    def damage_buffer(self, x: Int, y: Int, width: Int, height: Int) -> None:
        self._check("damage_buffer")
        if x < 0 or y < 0 or width <= 0 or height <= 0:
            text = f"damage_buffer: {width}x{height} at {x}, {y} is no part of a buffer"
            raise self.error(self.Error.INVALID_BUFFER_DAMAGE, text)
        damaged = self.damaged.union(Rect(x, y, width, height))
        self.damaged = damaged if len(damaged.rects) <= _DAMAGE_RECTS else Region.from_rect(damaged.bounds)

    @request()
    def capture(self) -> None:
        self._check("capture")
        if self.buffer is None:
            raise self.error(self.Error.NO_BUFFER, "capture without a buffer")
        self.captured = True
        feed = self.session.feed
        if feed is None:
            self._fail(self.FailureReason.STOPPED)
        elif not self._fits(feed):
            self._fail(self.FailureReason.BUFFER_CONSTRAINTS)
        else:
            feed.want(self._deliver)

    def _check(self, name: str) -> None:
        if self.captured:
            raise self.error(self.Error.ALREADY_CAPTURED, f"{name} after capture")

    @event()
    def transform(self, transform: Uint) -> None:
        """How the picture is turned."""

    @event()
    def damage(self, x: Int, y: Int, width: Int, height: Int) -> None:
        """What is new since the last picture, buffer pixels."""

    @event()
    def presentation_time(self, tv_sec_hi: Uint, tv_sec_lo: Uint, tv_nsec: Uint) -> None:
        """When it was shown."""

    @event()
    def ready(self) -> None:
        """The picture is in the buffer."""

    @event()
    def failed(self, reason: Uint) -> None:
        """There is no picture."""

    def start(self, session: ExtImageCopyCaptureSessionV1) -> None:
        """Belong to a session."""
        self.session = session
        self.buffer = None
        self.damaged = EMPTY_REGION
        self.captured = False
        self.over = False

    def _fits(self, feed: Feed) -> bool:
        buffer = self.buffer
        if buffer is None or buffer.place is None or not buffer.alive:
            return False
        size = (buffer.buffer.width, buffer.buffer.height)
        return size == feed.size and buffer.place.format in feed.formats

    def _deliver(self, now_ns: int) -> None:
        feed, buffer = self.session.feed, self.buffer
        assert feed is not None and buffer is not None
        if not self._fits(feed):
            self._fail(self.FailureReason.BUFFER_CONSTRAINTS)
            return
        picture = feed.picture()
        new = feed.take()
        bounds = new.union(self.damaged).intersect(Rect(0, 0, *feed.size)).bounds
        if not buffer.fill(picture, (bounds.y, bounds.y2)):
            feed.spoil()
            self._fail(self.FailureReason.UNKNOWN)
            return
        self.over = True
        self.transform(0)
        for rect in new.rects:
            self.damage(*rect)
        seconds, nanoseconds = divmod(now_ns, 1_000_000_000)
        self.presentation_time(seconds >> 32, seconds & 0xFFFF_FFFF, nanoseconds)
        self.ready()

    def source_gone(self) -> None:
        """The source went away while the picture was waited for."""
        if self.captured and not self.over:
            self._fail(self.FailureReason.STOPPED)

    def _fail(self, reason: FailureReason) -> None:
        self.over = True
        self.failed(reason)

    def destroyed(self) -> None:
        session = self.session
        if session.feed is not None and self.captured and not self.over:
            session.feed.unwant()
        if session.frame is self:
            session.frame = None
        session.rest()


class ExtImageCopyCaptureCursorSessionV1(
    Interface, name="ext_image_copy_capture_cursor_session_v1", version=1
):
    """The cursor over one source: where it is, and its picture."""

    __slots__ = ("hotspot_sent", "inside", "made", "position_sent", "source")

    source: ExtImageCaptureSourceV1
    inside: bool
    made: bool
    position_sent: tuple[int, int] | None
    hotspot_sent: tuple[int, int] | None

    class Error(IntEnum):
        DUPLICATE_SESSION = 1

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_capture_session(self, session: NewId[ExtImageCopyCaptureSessionV1]) -> None:
        if self.made:
            raise self.error(self.Error.DUPLICATE_SESSION, "it has a capture session already")
        self.made = True
        resource = ExtImageCopyCaptureSessionV1(self.client, session, self.version)
        area = self.source.area
        resource.start(CursorFeed(desktop_of(self), area[1]) if area is not None else None)

    @event()
    def enter(self) -> None:
        """The cursor is over the source."""

    @event()
    def leave(self) -> None:
        """It is no longer."""

    @event()
    def position(self, x: Int, y: Int) -> None:
        """Where its hot spot is, in the picture of the source."""

    @event()
    def hotspot(self, x: Int, y: Int) -> None:
        """Where the hot spot is in the cursor's picture."""

    def start(self, source: ExtImageCaptureSourceV1) -> None:
        """Tell where the cursor is, now and whenever that changes."""
        self.source = source
        self.inside = self.made = False
        self.position_sent = self.hotspot_sent = None
        desktop = desktop_of(self)
        desktop.seat.pointer.on_moved.append(self._update)
        desktop.seat.pointer.cursor.on_change.append(self._update)
        desktop.scene.on_layout.append(self._update)
        self._update()

    def _update(self) -> None:
        desktop = desktop_of(self)
        area = self.source.area
        picture: CursorPicture | None = None
        x = y = 0
        if area is not None:
            rect, scale = area
            pointer = desktop.seat.pointer
            x, y = round((pointer.x - rect.x) * scale), round((pointer.y - rect.y) * scale)
            picture = desktop.capturer.cursor(scale)
            if picture is not None:
                height, width = picture.pixels.shape
                shown = Rect(x - picture.hotspot_x, y - picture.hotspot_y, width, height)
                if not shown.intersects(Rect(0, 0, round(rect.width * scale), round(rect.height * scale))):
                    picture = None
        if picture is None:
            if self.inside:
                self.inside = False
                self.position_sent = self.hotspot_sent = None
                self.leave()
            return
        if not self.inside:
            self.inside = True
            self.enter()
        if self.position_sent != (x, y):
            self.position_sent = (x, y)
            self.position(x, y)
        hotspot = (picture.hotspot_x, picture.hotspot_y)
        if self.hotspot_sent != hotspot:
            self.hotspot_sent = hotspot
            self.hotspot(*hotspot)

    def destroyed(self) -> None:
        desktop = desktop_of(self)
        desktop.seat.pointer.on_moved.remove(self._update)
        desktop.seat.pointer.cursor.on_change.remove(self._update)
        desktop.scene.on_layout.remove(self._update)
