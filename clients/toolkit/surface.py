"""A wl_surface that draws itself: scale, damage, frame callbacks, and when to draw at all.

A program overrides `draw` and the input methods it cares for. Coordinates are surface pixels of the content,
below the title bar if the toolkit draws one. Roles are in `window`, `popup` and `subsurface`.
"""

from __future__ import annotations

from typing import Any

from pywayland.protocol.wayland import WlShm

from compositor.memory import GrowableBuffer

from . import boxes
from .boxes import Box
from .canvas import Canvas
from .connection import Connection, Output
from .inherited import FirstFrame
from .keyboard import KeyEvent
from .swapchain import Allocate, Slot, Swapchain

_ANY = 0x7FFFFFFF


class Surface:
    """Base of windows, popups and subsurfaces."""

    allocate: Allocate = GrowableBuffer
    """Where the buffers' memory comes from."""

    def __init__(
        self, connection: Connection, name: str, width: int, height: int, opaque: bool = True
    ) -> None:
        self.connection = connection
        self.width = width  # of the content, surface pixels
        self.height = height
        self.inset = 0  # rows above the content, surface pixels
        self.scale = 1.0
        self.opaque = opaque
        self.animated = False  # redraw everything at every frame callback
        self.cursor = "default"
        self.frames = 0  # drawn and committed
        self.limit = 0  # stop the connection after this many frames; 0: never
        self.time_ms = 0  # of the latest frame callback, counted from the first frame
        self.wl: Any = connection.compositor.create_surface()
        self.wl.user_data = self
        self.wl.dispatcher["enter"] = self._on_enter
        self.wl.dispatcher["leave"] = self._on_leave
        self.wl.dispatcher["preferred_buffer_scale"] = self._on_preferred_scale
        pixel_format = WlShm.format.xrgb8888 if opaque else WlShm.format.argb8888
        self.swapchain = Swapchain(connection, name, int(pixel_format), self.allocate)
        self.viewport: Any = None
        self.buffer_size: tuple[int, int] | None = None  # fixed, scaled by the compositor; needs `viewport`
        self._fractional: Any = None
        self._outputs: set[int] = set()
        self._told_scale = False  # the compositor states the scale itself
        self._callback: Any = None
        self._first_ms: int | None = None
        self._damage: list[Box] = []  # buffer pixels of the whole surface
        self._whole = True
        self.first_frame: FirstFrame | None = None
        self._inherited: FirstFrame | None = None
        self._urgent = True  # a new size or an acked configure: do not wait for the frame callback
        self._tick = False
        self._applied: tuple[int, int, float] | None = None
        if connection.viewporter is not None and connection.fractional_scale is not None:
            self.viewport = connection.viewporter.get_viewport(self.wl)
            self._fractional = connection.fractional_scale.get_fractional_scale(self.wl)
            self._fractional.dispatcher["preferred_scale"] = lambda _, scale: self._rescale(scale / 120)
        connection.updatables.append(self)

    # For programs to override

    def draw(self, canvas: Canvas) -> None:
        """Draw the content; called once per damaged box, with the canvas clipped to it."""

    def on_frame(self) -> None:
        """Hear the frame callback: the last frame has been shown and `time_ms` has moved on."""
        if self.animated:
            self.redraw()

    def resized(self) -> None:
        """Hear of a new `width`, `height` or `scale`, before it is first drawn; also at the very start."""

    def focused(self, has_focus: bool) -> None:
        """Hear that the keyboard focus came or went."""

    def key(self, event: KeyEvent) -> None:
        """Hear a key go down, up, or repeat."""

    def pointer_move(self, x: float, y: float) -> None:
        """Hear the pointer move; also where it enters."""

    def pointer_leave(self) -> None:
        """Hear the pointer leave."""

    def pointer_button(self, x: float, y: float, button: int, pressed: bool) -> None:
        """Hear a button (evdev code)."""

    def pointer_scroll(self, dx: float, dy: float) -> None:
        """Hear the wheel or a two-finger scroll; right and down are positive."""

    def touch_down(self, finger: int, x: float, y: float) -> None:
        """Hear a finger land."""

    def touch_move(self, finger: int, x: float, y: float) -> None:
        """Hear a finger move."""

    def touch_up(self, finger: int) -> None:
        """Hear a finger lift, or the whole gesture be cancelled."""

    def cursor_at(self, x: float, y: float) -> str:
        """Return the cursor's shape there, by its CSS name; whole-surface coordinates."""
        return self.cursor

    def route_move(self, x: float, y: float) -> None:
        """Pass pointer motion on to the content; whole-surface coordinates."""
        self.pointer_move(x, y - self.inset)

    def route_leave(self) -> None:
        """Pass on that the pointer left."""
        self.pointer_leave()

    def route_button(self, x: float, y: float, button: int, pressed: bool, time_ms: int) -> None:
        """Pass a button on to the content; whole-surface coordinates."""
        self.pointer_button(x, y - self.inset, button, pressed)

    def route_touch(self, finger: int, x: float, y: float) -> None:
        """Pass on a finger that lands; whole-surface coordinates."""
        self.touch_down(finger, x, y - self.inset)

    # For programs to call

    def redraw(self, box: Box | None = None) -> None:
        """Ask for this box of the content (surface pixels), or all of it, to be drawn at the next frame."""
        if box is None:
            self._whole = True
        else:
            pixels = box.moved(0, self.inset).grown(1 if self.scale % 1 else 0).scaled(self.scale)
            boxes.add(self._damage, pixels)

    def tick(self) -> None:
        """Ask for a frame callback without drawing anything."""
        self._tick = True

    def destroy(self) -> None:
        """Take the surface off the screen and free its memory."""
        self.connection.updatables.remove(self)
        if self.connection.seat is not None:
            self.connection.seat.forget(self)
        for proxy in (self._fractional, self.viewport):
            if proxy is not None:
                proxy.destroy()
        if self._callback is not None:
            self._callback._destroy()
        self.wl.user_data = None
        self.wl.destroy()
        self.swapchain.destroy()

    # Drawing

    @property
    def ready(self) -> bool:
        """Whether the role allows a buffer to be attached now."""
        return True

    def before_commit(self) -> None:
        """Send what belongs to the role and must precede the commit (the ack of a configure)."""

    def draw_all(self, canvas: Canvas) -> None:
        """Draw the clipped part of the whole surface, title bar included."""
        if self.inset:
            rows = round(self.inset * self.scale)
            inner = Canvas(canvas.pixels[rows:], self.scale)
            inner.clip = canvas.clip.moved(0, -rows).intersection(inner.clip)
            if not inner.clip.empty:
                self.draw(inner)
        else:
            self.draw(canvas)

    def update(self) -> None:
        """Draw and commit if something changed and the compositor is ready for it."""
        if not self.ready or (self._callback is not None and not self._urgent):
            return
        if self._whole or self._damage:
            width, height = self.buffer_size or self._scaled_size()
            if self._show_first_frame(width, height):
                return
            slot = self.swapchain.acquire(width, height)
            if slot is not None:
                self._draw_into(slot, width, height)
        elif (self._urgent or self._tick) and self.frames:
            self._commit()

    def _draw_into(self, slot: Slot, width: int, height: int) -> None:
        self._apply_geometry()
        everything = Box(0, 0, width, height)
        damage = [everything] if self._whole else [box.intersection(everything) for box in self._damage]
        if not self.swapchain.refresh(slot, damage):
            damage = [everything]
        scale = width / self.width if self.buffer_size else self.scale
        for box in damage:
            self.draw_all(Canvas(slot.pixels, scale, box))
        self.wl.attach(slot.buffer, 0, 0)
        for box in damage:
            if self.connection.version("wl_compositor") >= 4:
                self.wl.damage_buffer(*box)
            else:
                self.wl.damage(0, 0, _ANY, _ANY)
        self.swapchain.present(slot, damage)
        self._whole = False
        self._damage = []
        self.frames += 1
        self._commit()

    def _show_first_frame(self, width: int, height: int) -> bool:
        """Show what was inherited, once, if it is of the right size; it stays until its frame callback."""
        first, self.first_frame = self.first_frame, None
        if first is None or self.frames or (first.width, first.height) != (width, height):
            return False
        self._apply_geometry()
        self.wl.attach(first.buffer, 0, 0)
        self.wl.damage(0, 0, _ANY, _ANY)
        first.shown = True
        self.frames += 1
        # Kept until its release has come.
        self._inherited = first
        # Nothing is to be drawn until then: a second configure (the focus) must not paint over it.
        self._whole = False
        self._damage = []
        self._commit()
        return True

    def _commit(self) -> None:
        self._urgent = self._tick = False
        self.before_commit()
        if self._callback is None:
            # Kept in an attribute: pywayland forgets a proxy that nobody holds, and with it the event.
            self._callback = self.wl.frame()
            self._callback.dispatcher["done"] = self._on_done
        self.wl.commit()

    def _scaled_size(self) -> tuple[int, int]:
        height = self.height + self.inset
        return max(1, round(self.width * self.scale)), max(1, round(height * self.scale))

    def _apply_geometry(self) -> None:
        """Do what depends on size and scale, when they changed."""
        width, height = self.width, self.height + self.inset
        if self._applied == (width, height, self.scale):
            return
        self._applied = width, height, self.scale
        if self.viewport is not None and (self._fractional is not None or self.buffer_size):
            self.viewport.set_destination(width, height)
        elif self.connection.version("wl_compositor") >= 3:
            self.wl.set_buffer_scale(int(self.scale))
        if self.opaque:
            region = self.connection.compositor.create_region()
            region.add(0, 0, width, height)
            self.wl.set_opaque_region(region)
            region.destroy()
        self.resized()

    def resize(self, width: int, height: int) -> None:
        """Give the content a new size, drawn without waiting for a frame callback."""
        if (width, height) != (self.width, self.height):
            self.width, self.height = max(1, width), max(1, height)
            self._whole = self._urgent = True

    # Events

    def _on_done(self, callback: Any, time_ms: int) -> None:
        callback._destroy()
        self._callback = None
        if self._first_ms is None:
            # The first frame had no callback to take its time from: it was one refresh earlier, at 0.
            self._first_ms = (time_ms - 16) & 0xFFFFFFFF
        self.time_ms = (time_ms - self._first_ms) & 0xFFFFFFFF
        if self.limit and self.frames >= self.limit:
            self.connection.stop()
        if self._inherited is not None and self.frames == 1:
            self.redraw()
        self.on_frame()
        if self.limit and not self._damage:
            self.redraw()

    def _rescale(self, scale: float) -> None:
        if scale != self.scale:
            self.scale = scale
            self._whole = self._urgent = True

    def _on_preferred_scale(self, surface: Any, scale: int) -> None:
        self._told_scale = True
        if self._fractional is None:
            self._rescale(scale)

    def _on_enter(self, surface: Any, output: Any) -> None:
        self._follow_outputs(output, True)

    def _on_leave(self, surface: Any, output: Any) -> None:
        self._follow_outputs(output, False)

    def _follow_outputs(self, proxy: Any, entered: bool) -> None:
        for name, output in self.connection.outputs.items():
            if output.proxy is proxy:
                (self._outputs.add if entered else self._outputs.discard)(name)
        if not self._told_scale and self._fractional is None:
            on: list[Output] = [o for n, o in self.connection.outputs.items() if n in self._outputs]
            if on:
                self._rescale(max(output.scale for output in on))
