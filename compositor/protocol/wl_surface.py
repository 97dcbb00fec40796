"""wl_compositor, wl_surface and wl_region.

Source: wayland.xml.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING

from compositor.geometry import EMPTY_REGION, Rect, Region, Transform, make_rect
from compositor.model.buffer import Buffer, CaptureError
from compositor.model.surface import (
    BUFFER,
    CALLBACKS,
    DAMAGE,
    INPUT,
    OFFSET,
    OPAQUE,
    SCALE,
    TRANSFORM,
    VIEWPORT,
    Surface,
    SurfaceState,
)
from compositor.protocol.common import desktop_of, implementation_error
from compositor.wire import Int, Interface, NewId, WlCallback, event, new_callback, request, sequence

if TYPE_CHECKING:
    from compositor.model.output import Output
    from compositor.protocol.wl_output import WlOutput
    from compositor.protocol.wl_shm import WlBuffer
    from compositor.wire import Uint
    from compositor.wire.interface import Rows

_CHECKED = BUFFER | TRANSFORM | SCALE | VIEWPORT
_PIXELS = BUFFER | DAMAGE | CALLBACKS
"""What a commit consists of that brings nothing but another picture."""
_DAMAGE_RECTS = 16
# A cursor or drag icon of a size that is no multiple of its scale is let pass, as wlroots does:
# programs set the scale of themes that lack the size (wlr_compositor.c).
_LENIENT_ROLES = (None, "cursor", "drag_icon")


class WlCompositor(Interface, name="wl_compositor", version=6):
    """Makes surfaces and regions."""

    __slots__ = ()

    @request()
    def create_surface(self, id: NewId[WlSurface]) -> None:
        client = self.client
        count = client.data.get("surfaces", 0) + 1
        if count > client.display.limits.surfaces:
            raise implementation_error(self, f"more than {client.display.limits.surfaces} surfaces")
        client.data["surfaces"] = count
        resource = WlSurface(client, id, self.version)
        resource.attach_model(Surface(client, desktop_of(self).scene))

    @request()
    def create_region(self, id: NewId[WlRegion]) -> None:
        region = WlRegion(self.client, id, self.version)
        region.region = EMPTY_REGION


class WlRegion(Interface, name="wl_region", version=1):
    """A set of pixels in surface space that a client builds up."""

    __slots__ = ("region",)

    region: Region

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def add(self, x: Int, y: Int, width: Int, height: Int) -> None:
        self.region = self.region.union(_clipped(x, y, width, height))
        self._check()

    @request()
    def subtract(self, x: Int, y: Int, width: Int, height: Int) -> None:
        self.region = self.region.subtract(_clipped(x, y, width, height))
        self._check()

    def _check(self) -> None:
        limit = self.client.display.limits.region_rects
        if len(self.region.rects) > limit:
            raise implementation_error(self, f"more than {limit} rectangles in a region")


def _clipped(x: int, y: int, width: int, height: int) -> Rect:
    """Return a rectangle without what no surface can reach; a negative size is empty."""
    x1, y1 = max(x, -(1 << 24)), max(y, -(1 << 24))
    x2, y2 = min(x + max(width, 0), 1 << 24), min(y + max(height, 0), 1 << 24)
    return Rect(x1, y1, max(0, x2 - x1), max(0, y2 - y1))


def _frame_rows() -> Rows:
    from compositor.protocol.frame_rows import take_rows

    return take_rows


class WlSurface(Interface, name="wl_surface", version=6):
    """A surface.

    Attributes:
        surface: the model of it.
        before_attach: a check of a buffer that is about to be attached, or None.
        before_commit: a role's check of what is about to be committed, or None. `Surface.steady` says that
            it finds nothing in commits of pixels alone.
        defunct: (interface name) of a role object that has to be destroyed first, or None.
    """

    __slots__ = ("before_attach", "before_commit", "defunct", "sent_scale", "sent_transform", "surface")

    surface: Surface
    before_attach: Callable[[], None] | None
    before_commit: Callable[[], None] | None
    defunct: Callable[[], str | None] | None

    class Error(IntEnum):
        INVALID_SCALE = 0
        INVALID_TRANSFORM = 1
        INVALID_SIZE = 2
        INVALID_OFFSET = 3
        DEFUNCT_ROLE_OBJECT = 4

    def attach_model(self, surface: Surface) -> None:
        """Tie the resource to its model."""
        self.surface = surface
        self.before_attach = None
        self.before_commit = None
        self.defunct = None
        # What holds before the first event (preferred_buffer_scale): nothing is sent until it differs.
        # weston-simple-damage of Weston 10 binds version 6 without knowing its events.
        self.sent_scale = 1
        self.sent_transform = 0
        surface.resource = self
        surface.on_outputs = self._output

    def set_role_object(self, role: Interface | None) -> None:
        """Have a role object destroyed before this surface, as version 6 asks for (`defunct_role_object`).

        Clients of earlier versions know no such error, and wdisplays 1.1 destroys them the other way round.
        """
        self.defunct = role.__repr__ if role is not None and self.version >= 6 else None

    @request(destructor=True)
    def destroy(self) -> None:
        role = self.defunct() if self.defunct is not None else None
        if role is not None:
            raise self.error(self.Error.DEFUNCT_ROLE_OBJECT, f"destroyed before its {role}")
        # While its id can still be named: pointer, keyboard and fingers leave it.
        self.surface.destroy()

    @request()
    def attach(self, buffer: WlBuffer | None, x: Int, y: Int) -> None:
        pending = self.surface.pending
        if self.before_attach is not None and buffer is not None:
            self.before_attach()
        pending.buffer = None if buffer is None else buffer.buffer
        pending.fields |= BUFFER
        if self.version >= 5:
            if x or y:
                raise self.error(self.Error.INVALID_OFFSET, f"attach with offset {x}, {y} since version 5")
        elif x or y or pending.fields & OFFSET:
            pending.dx, pending.dy = x, y
            pending.fields |= OFFSET

    @request()
    def damage(self, x: Int, y: Int, width: Int, height: Int) -> None:
        if width > 0 and height > 0:
            pending = self.surface.pending
            pending.add_damage(pending.damage_surface, Rect(x, y, width, height), _DAMAGE_RECTS)

    @request()
    def frame(self, callback: NewId[WlCallback]) -> None:
        pending = self.surface.pending
        callbacks = pending.callbacks
        callbacks.append(new_callback(self.client, callback))
        pending.fields |= CALLBACKS
        if len(callbacks) > 256:
            self._check_callbacks()

    def _check_callbacks(self) -> None:
        surface = self.surface
        waiting = len(surface.pending.callbacks) + len(surface.callbacks)
        if surface.cached is not None:
            waiting += len(surface.cached.callbacks)
        limit = self.client.display.limits.frame_callbacks
        if waiting > limit:
            raise implementation_error(self, f"more than {limit} frame callbacks wait")

    @request()
    def set_opaque_region(self, region: WlRegion | None) -> None:
        pending = self.surface.pending
        pending.opaque = EMPTY_REGION if region is None else region.region
        pending.fields |= OPAQUE

    @request()
    def set_input_region(self, region: WlRegion | None) -> None:
        pending = self.surface.pending
        pending.input = None if region is None else region.region
        pending.fields |= INPUT

    @request()
    def commit(self) -> None:
        surface = self.surface
        fields = surface.pending.fields
        if fields & _CHECKED:
            self._check_size(surface)
        if self.before_commit is not None and not (surface.steady and fields & _PIXELS == fields):
            self.before_commit()
        if fields & CALLBACKS and len(surface.callbacks) > 256:
            self._check_callbacks()
        if fields & (BUFFER | DAMAGE) == BUFFER and surface.pending.buffer is not None:
            self._attached_without_damage(surface.pending, surface.pending.buffer)
        if surface.queued and len(surface.queued) >= self.client.display.limits.queued_commits:
            raise implementation_error(self, f"{len(surface.queued)} commits wait for their time already")
        try:
            surface.commit()
        except CaptureError as error:
            from compositor.protocol.wl_shm import unreadable

            raise unreadable(self.client, surface.pending.buffer, f"commit of {self!r}: {error}") from None

    def _attached_without_damage(self, pending: SurfaceState, buffer: Buffer) -> None:
        """Nothing new need be shown; we are kind to programs of old that forget to say what is."""
        if self.client.display.context.lenient:
            pending.damage_buffer.append(Rect(0, 0, buffer.width, buffer.height))
            pending.fields |= DAMAGE

    @sequence("attach", "damage_buffer", "frame", "commit", rows=_frame_rows)
    def submit(
        self,
        buffer: WlBuffer,
        x: Int,
        y: Int,
        damage_x: Int,
        damage_y: Int,
        width: Int,
        height: Int,
        callback: NewId[WlCallback],
    ) -> bool:
        """Do what the four requests do that nearly every frame of every client consists of."""
        surface = self.surface
        state = surface.pending
        if state.fields or x or y or width <= 0 or height <= 0:
            return False
        if self.before_attach is not None:
            self.before_attach()
        promise = new_callback(self.client, callback)
        damage = (damage_x, damage_y, width, height)
        held, shown = buffer.buffer, surface.buffer
        alike = shown is not None and held.width == shown.width and held.height == shown.height
        if alike and (self.before_commit is None or surface.steady) and len(surface.callbacks) <= 256:
            plain = surface.scale == 1 and surface.source is None
            if plain and surface.flip(held, (damage,), (promise,)):
                return True
        state.buffer = held
        state.damage_buffer.append(make_rect(damage))
        state.callbacks.append(promise)
        state.fields = BUFFER | DAMAGE | CALLBACKS
        self.commit()
        return True

    def _check_size(self, surface: Surface) -> None:
        fields = surface.pending.fields
        quiet = surface.cached is None and not surface.queued and not fields & (SCALE | VIEWPORT)
        if quiet and surface.scale == 1 and surface.source is None:
            return
        buffer = surface.newest(BUFFER).buffer
        scale = surface.newest(SCALE).scale
        viewport = surface.newest(VIEWPORT)
        if viewport.source is not None:
            check = surface.data.get("viewport_check")
            if check is not None:
                check(surface, buffer, scale)
        elif (
            buffer is not None
            and viewport.destination is None
            and (buffer.width % scale or buffer.height % scale)
            and surface.role_name not in _LENIENT_ROLES
        ):
            text = f"buffer of {buffer.width}x{buffer.height} is no multiple of scale {scale}"
            raise self.error(self.Error.INVALID_SIZE, text)

    @request(since=2)
    def set_buffer_transform(self, transform: Int) -> None:
        if not 0 <= transform <= 7:
            raise self.error(
                self.Error.INVALID_TRANSFORM, f"set_buffer_transform: {transform} is no transform"
            )
        pending = self.surface.pending
        pending.transform = Transform(transform)
        pending.fields |= TRANSFORM

    @request(since=3)
    def set_buffer_scale(self, scale: Int) -> None:
        if scale < 1:
            raise self.error(self.Error.INVALID_SCALE, f"set_buffer_scale: {scale} is not positive")
        pending = self.surface.pending
        pending.scale = scale
        pending.fields |= SCALE

    @request(since=4)
    def damage_buffer(self, x: Int, y: Int, width: Int, height: Int) -> None:
        if width > 0 and height > 0:
            pending = self.surface.pending
            rects = pending.damage_buffer
            if len(rects) < _DAMAGE_RECTS:
                rects.append(Rect(x, y, width, height))
                pending.fields |= DAMAGE
            else:
                pending.add_damage(rects, Rect(x, y, width, height), _DAMAGE_RECTS)

    @request(since=5)
    def offset(self, x: Int, y: Int) -> None:
        pending = self.surface.pending
        pending.dx, pending.dy = x, y
        pending.fields |= OFFSET

    @event()
    def enter(self, output: WlOutput) -> None:
        """The surface is on an output."""

    @event()
    def leave(self, output: WlOutput) -> None:
        """The surface is not on an output any more."""

    @event(since=6)
    def preferred_buffer_scale(self, factor: Int) -> None:
        """Buffers of this scale look best."""

    @event(since=6)
    def preferred_buffer_transform(self, transform: Uint) -> None:
        """Buffers of this transform can be scanned out."""

    def _output(self, output: Output, entered: bool) -> None:
        for resource in output.resource.of_client(self.client) if output.resource is not None else ():
            if entered:
                self.enter(resource)
            else:
                self.leave(resource)
        self.send_preferred()

    def send_preferred(self) -> None:
        """Tell the scale that fits the outputs the surface is on, when it changed."""
        if not self.surface.outputs:
            return
        scale = max(output.integer_scale for output in self.surface.outputs)
        transform = int(self.surface.outputs[0].transform)
        fractional = self.surface.data.get("fractional_scale")
        if fractional is not None:
            fractional.send()
        if scale != self.sent_scale:
            self.sent_scale = scale
            self.preferred_buffer_scale(scale)
        if transform != self.sent_transform:
            self.sent_transform = transform
            self.preferred_buffer_transform(transform)

    def destroyed(self) -> None:
        self.surface.destroy()
        self.surface.resource = None
        self.before_attach = self.before_commit = None
        self.client.data["surfaces"] -= 1
