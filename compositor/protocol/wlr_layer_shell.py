"""zwlr_layer_shell_v1: panels, wallpapers, launchers and notifications.

Source: wlr-layer-shell-unstable-v1.xml.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from compositor.model.item import Layer
from compositor.model.layer import Anchor, Interactivity, LayerState, LayerSurface, Margins
from compositor.model.surface import BUFFER
from compositor.protocol.common import desktop_of, hasty_buffer_taken
from compositor.protocol.wl_output import WlOutput
from compositor.protocol.wl_surface import WlSurface
from compositor.protocol.xdg_shell import XdgPopup
from compositor.record import replace
from compositor.wire import Int, Interface, NewId, String, Uint, event, request

_ROLE = "zwlr_layer_surface_v1"
_LAYERS = (Layer.BACKGROUND, Layer.BOTTOM, Layer.TOP, Layer.OVERLAY)
_MAX_SIDE = 1 << 20
_SIDES = Anchor.LEFT | Anchor.RIGHT
_ENDS = Anchor.TOP | Anchor.BOTTOM


class ZwlrLayerShellV1(Interface, name="zwlr_layer_shell_v1", version=5):
    """Makes layer surfaces."""

    __slots__ = ()

    class Error(IntEnum):
        ROLE = 0
        INVALID_LAYER = 1
        ALREADY_CONSTRUCTED = 2

    class Layer(IntEnum):
        BACKGROUND = 0
        BOTTOM = 1
        TOP = 2
        OVERLAY = 3

    @request()
    def get_layer_surface(
        self,
        id: NewId[ZwlrLayerSurfaceV1],
        surface: WlSurface,
        output: WlOutput | None,
        layer: Uint,
        namespace: String,
    ) -> None:
        if layer >= len(_LAYERS):
            raise self.error(self.Error.INVALID_LAYER, f"get_layer_surface: {layer} is no layer")
        model = surface.surface
        if model.role is not None or model.role_name not in (None, _ROLE) or surface.before_commit:
            text = f"get_layer_surface: {surface!r} has the role {model.role_name}"
            raise self.error(self.Error.ROLE, text)
        if model.buffer is not None or (model.pending.fields & BUFFER and model.pending.buffer is not None):
            text = f"get_layer_surface: {surface!r} has a buffer attached or committed"
            raise self.error(self.Error.ALREADY_CONSTRUCTED, text)
        resource = ZwlrLayerSurfaceV1(self.client, id, self.version)
        resource.tie(surface, output, _LAYERS[layer], namespace)

    @request(since=3, destructor=True)
    def destroy(self) -> None: ...


class ZwlrLayerSurfaceV1(Interface, name="zwlr_layer_surface_v1", version=5):
    """A layer surface, as its client holds it.

    Attributes:
        item: the model of it; None when no output could take it.
        pending: the state that the next commit applies.
    """

    __slots__ = ("item", "pending", "wl_surface")

    item: LayerSurface | None
    pending: LayerState
    wl_surface: WlSurface

    class Error(IntEnum):
        INVALID_SURFACE_STATE = 0
        INVALID_SIZE = 1
        INVALID_ANCHOR = 2
        INVALID_KEYBOARD_INTERACTIVITY = 3
        INVALID_EXCLUSIVE_EDGE = 4

    class KeyboardInteractivity(IntEnum):
        NONE = 0
        EXCLUSIVE = 1
        ON_DEMAND = 2

    class Anchor(IntEnum):
        TOP = 1
        BOTTOM = 2
        LEFT = 4
        RIGHT = 8

    def tie(self, wl_surface: WlSurface, output: WlOutput | None, layer: Layer, namespace: str) -> None:
        """Belong to a surface and an output."""
        desktop = desktop_of(self)
        self.wl_surface = wl_surface
        self.pending = LayerState(layer)
        wl_surface.before_commit = self._before_commit
        wl_surface.set_role_object(self)
        model = desktop.output_of(None) if output is None else output.output
        surface = wl_surface.surface
        if model is None or model not in desktop.outputs:
            self.item = None
            surface.set_role(_ROLE, None)
            self.closed()
            return
        item = LayerSurface(desktop.layers, surface, model, layer, namespace, self)
        self.item = item
        surface.set_role(_ROLE, item)
        desktop.layers.add(item)

    def _set(self, **changes: Any) -> None:
        self.pending = replace(self.pending, **changes)
        if self.item is not None:
            self.wl_surface.surface.pending.set_extra("layer", self.item.apply, self.pending)

    @request()
    def set_size(self, width: Uint, height: Uint) -> None:
        if width > _MAX_SIDE or height > _MAX_SIDE:
            raise self.error(self.Error.INVALID_SIZE, f"set_size: {width}x{height} is too large")
        self._set(width=width, height=height)

    @request()
    def set_anchor(self, anchor: Uint) -> None:
        if anchor > 15:
            raise self.error(self.Error.INVALID_ANCHOR, f"set_anchor: {anchor} is no set of edges")
        self._set(anchor=Anchor(anchor))

    @request()
    def set_exclusive_zone(self, zone: Int) -> None:
        self._set(zone=max(-1, min(zone, _MAX_SIDE)))

    @request()
    def set_margin(self, top: Int, right: Int, bottom: Int, left: Int) -> None:
        self._set(margins=Margins(*(max(-_MAX_SIDE, min(m, _MAX_SIDE)) for m in (top, right, bottom, left))))

    @request()
    def set_keyboard_interactivity(self, keyboard_interactivity: Uint) -> None:
        if self.version < 4:
            # A truth value then.
            keyboard_interactivity = min(keyboard_interactivity, 1)
        if keyboard_interactivity > 2:
            text = f"set_keyboard_interactivity: {keyboard_interactivity} is none"
            raise self.error(self.Error.INVALID_KEYBOARD_INTERACTIVITY, text)
        self._set(interactivity=Interactivity(keyboard_interactivity))

    @request()
    def get_popup(self, popup: XdgPopup) -> None:
        if popup.popup.parent is not None:
            text = f"get_popup: {popup!r} has a parent already"
            raise self.error(self.Error.INVALID_SURFACE_STATE, text)
        if self.item is not None and not self.item.closed:
            popup.popup.attach(self.item)
        else:
            popup.popup.dismiss()

    @request()
    def ack_configure(self, serial: Uint) -> None:
        if self.item is None or self.item.closed:
            return
        if not self.item.queue.ack(serial):
            text = f"ack_configure: no configure with serial {serial}"
            raise self.error(self.Error.INVALID_SURFACE_STATE, text)

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def configure(self, serial: Uint, width: Uint, height: Uint) -> None:
        """Propose a size."""

    @event()
    def closed(self) -> None:
        """The surface will not be shown any more."""

    @request(since=2)
    def set_layer(self, layer: Uint) -> None:
        if layer >= len(_LAYERS):
            raise self.error(ZwlrLayerShellV1.Error.INVALID_LAYER, f"set_layer: {layer} is no layer")
        self._set(layer=_LAYERS[layer])

    @request(since=5)
    def set_exclusive_edge(self, edge: Uint) -> None:
        if edge not in (0, 1, 2, 4, 8):
            text = f"set_exclusive_edge: {edge} is not one edge"
            raise self.error(self.Error.INVALID_EXCLUSIVE_EDGE, text)
        self._set(edge=Anchor(edge))

    def _before_commit(self) -> None:
        """Refuse a commit that contradicts itself or comes too early.

        Raises:
            ProtocolError: invalid_size, invalid_exclusive_edge or invalid_surface_state.
        """
        item = self.item
        if item is None or item.closed:
            return
        state = self.pending
        for axis, size, edges in (("width", state.width, _SIDES), ("height", state.height, _ENDS)):
            if not size and state.anchor & edges != edges:
                text = f"commit: {axis} 0 without anchors at both of its ends"
                raise self.error(self.Error.INVALID_SIZE, text)
        if state.edge and not state.edge & state.anchor:
            text = f"commit: the exclusive edge {state.edge!r} is not anchored ({state.anchor!r})"
            raise self.error(self.Error.INVALID_EXCLUSIVE_EDGE, text)
        pending = self.wl_surface.surface.pending
        if pending.fields & BUFFER and pending.buffer is not None:
            queue = item.queue
            if queue.acked is None and queue.current is None and not hasty_buffer_taken(self, item):
                text = "a buffer was committed before the first configure was acknowledged"
                raise self.error(self.Error.INVALID_SURFACE_STATE, text)
        elif pending.fields & BUFFER and item.mapped:
            # The null buffer takes it back to where it was when it was made.
            self.pending = item.first
            pending.set_extra("layer", item.apply, self.pending)

    # What the layer surface says (compositor.model.layer.LayerShell)

    def send_configure(self, width: int, height: int) -> int:
        """Send a size and return the serial."""
        serial = self.client.display.next_serial()
        self.configure(serial, width, height)
        return serial

    def send_closed(self) -> None:
        """Tell that it will not be shown any more."""
        if self.alive:
            self.closed()

    def destroyed(self) -> None:
        surface = self.wl_surface.surface
        if self.item is not None:
            self.item.destroy()
            if surface.role is self.item:
                surface.clear_role_object()
        surface.pending.extra.pop("layer", None)
        check: Callable[[], None] | None = self.wl_surface.before_commit
        if check == self._before_commit:
            self.wl_surface.before_commit = None
            self.wl_surface.set_role_object(None)
