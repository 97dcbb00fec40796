"""Keyboard: keys that are down, the keymap's state, and which surface hears of it.

The desktop says who should have the keyboard (`focus`); grabs may redirect it
for a while, as an open menu does. Devices call `key`; filters see a key
before anybody else and may keep it. Clients are told through a
`KeyboardListener`, and repeat keys by themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from compositor.model.seat.codes import KEY_CNT, KEY_LEFTMETA, KEY_RIGHTMETA
from compositor.model.seat.host import Client, Host

if TYPE_CHECKING:
    from compositor.model.keymap import KeyboardState, Keymap, Modifiers
    from compositor.model.seat.listeners import KeyboardListener
    from compositor.model.seat.seat import Seat
    from compositor.model.surface import Surface

REPEAT_RATE = 25
"""Repeats per second."""
REPEAT_DELAY_MS = 600

Filter = Callable[[int, bool, "KeyboardState"], bool]
"""Called with key (evdev code), whether it was pressed, and the state; True keeps the key."""


class KeyboardGrab(Protocol):
    """Takes the keyboard over for a while; the newest grab has the last word."""

    def redirect(self, wanted: Surface | None) -> Surface | None:
        """Return who gets the keyboard when the desktop wants it given to `wanted`."""
        ...

    def key(self, time_ms: int, key: int, pressed: bool) -> bool:
        """Return whether the grab keeps the key for itself."""
        ...

    def modifiers(self, modifiers: Modifiers) -> bool:
        """Return whether the grab keeps the change of modifiers for itself."""
        ...


class Interceptor(Protocol):
    """Gets the keys of some devices in place of every client: an input method's grab."""

    def wants(self, device: KeyboardDevice) -> bool:
        """Whether it takes this device's keys."""
        ...

    def key(self, device: KeyboardDevice, time_ms: int, key: int, pressed: bool) -> None:
        """A key (evdev code) of such a device changed."""
        ...

    def modifiers(self, device: KeyboardDevice) -> None:
        """The modifiers of such a device may have changed."""
        ...

    def repeat_changed(self) -> None:
        """`Keyboard.repeat_rate` or `repeat_delay_ms` is another one."""
        ...


class KeyboardDevice:
    """One keyboard of the seat, with a keymap of its own.

    Attributes:
        keymap: what its keys mean.
        state: which keys are down and what that makes of modifiers and group.
        pressed: its keys that are down (evdev codes).
        owner: the client whose virtual keyboard it is, or None.
        manual: whether its modifiers are set by hand alone, whatever keys are pressed.
    """

    __slots__ = ("keymap", "manual", "owner", "pressed", "state")

    def __init__(self, keymap: Keymap, owner: Client | None = None, *, manual: bool = False) -> None:
        self.keymap = keymap
        self.state = keymap.new_state()
        self.pressed: set[int] = set()
        self.owner = owner
        self.manual = manual


class Keyboard:
    """The keyboard of a seat: all its devices together.

    Attributes:
        device: the device used last; its keymap and modifiers are the clients'.
        default_device: the one that `key` means when it is told none.
        focused: the surface that hears of keys, or None.
        wanted: the surface that the desktop gave the keyboard to; differs while a grab redirects.
        pressed: keys that are down and not kept by a filter, in the order pressed.
        modifiers: what clients were told last.
        grabs: the newest last.
        guard: has the last word on the focus, after all grabs: the lock of the session.
        filters: asked before anything else; shortcuts of the compositor.
        inhibited: whether the surface that has the keyboard gets those shortcuts as well.
        override: a filter that is asked all the same, and first.
        interceptor: takes keys before grabs and clients; see `intercept`.
        on_focus: called with the old and the new surface between leave and enter.
        on_entered: called with the surface that has got the keyboard, after its client was told.
        on_key: called with key and whether it was pressed, for every key.
    """

    def __init__(self, seat: Seat, host: Host, keymap: Keymap) -> None:
        self.seat = seat
        self.host = host
        self.default_device = self.device = KeyboardDevice(keymap)
        self.focused: Surface | None = None
        self.focus_serial = 0
        self.wanted: Surface | None = None
        self.pressed: dict[int, bool] = {}
        self.modifiers: Modifiers = self.device.state.modifiers
        self.repeat_rate = REPEAT_RATE
        self.repeat_delay_ms = REPEAT_DELAY_MS
        self.grabs: list[KeyboardGrab] = []
        self.guard: Callable[[Surface | None], Surface | None] | None = None
        self.filters: list[Filter] = []
        self.inhibited = False
        self.override: Filter | None = None
        self.interceptor: Interceptor | None = None
        self.listener: KeyboardListener | None = None
        self.on_focus: list[Callable[[Surface | None, Surface | None], None]] = []
        self.on_entered: list[Callable[[Surface], None]] = []
        self.on_key: list[Callable[[int, bool], None]] = []
        # How many devices hold a key down; and the keys that no client hears the release of.
        self._holders: dict[int, int] = {}
        self._kept: set[int] = set()

    @property
    def keymap(self) -> Keymap:
        """The keymap that key events refer to now."""
        return self.device.keymap

    @property
    def state(self) -> KeyboardState:
        """The state of the device used last."""
        return self.device.state

    @property
    def super_held(self) -> bool:
        """Whether a Super key is down, on whichever keymap."""
        holders = self._holders
        return KEY_LEFTMETA in holders or KEY_RIGHTMETA in holders

    # What devices do

    def key(
        self, key: int, pressed: bool, time_ms: int | None = None, device: KeyboardDevice | None = None
    ) -> None:
        """Press or release a key (evdev code); what it is already, and no key at all, are ignored."""
        device = device or self.default_device
        if pressed is (key in device.pressed) or not 0 <= key < KEY_CNT:
            return
        if pressed:
            device.pressed.add(key)
        else:
            device.pressed.discard(key)
        if time_ms is None:
            time_ms = self.host.now_ms()
        self.seat.active()
        self._use(device)
        if not device.manual:
            device.state.update(key, pressed)
        if self._changes(key, pressed):
            for hook in list(self.on_key):
                hook(key, pressed)
            self._route(time_ms, key, pressed, device)
        self._tell_modifiers(device)

    def _changes(self, key: int, pressed: bool) -> bool:
        """Whether the seat's key changes: two devices may hold the same one."""
        holders = self._holders
        count = holders.get(key, 0)
        if pressed:
            holders[key] = count + 1
            return not count
        if count > 1:
            holders[key] = count - 1
            return False
        holders.pop(key, None)
        return True

    def _route(self, time_ms: int, key: int, pressed: bool, device: KeyboardDevice) -> None:
        kept = self._kept
        if not pressed and key in kept:
            # Whoever kept the press gets the release; nobody else knows of it.
            kept.discard(key)
            self._offer(time_ms, key, pressed, device)
            return
        # A client that saw the press has to see the release, whatever a filter says of it.
        if self._offer(time_ms, key, pressed, device) and pressed:
            kept.add(key)
            return
        if pressed:
            self.pressed[key] = True
        else:
            self.pressed.pop(key, None)
        focused = self.focused
        if focused is not None and self.listener is not None:
            self.listener.key(self.note(focused.client), time_ms, key, pressed)

    def _offer(self, time_ms: int, key: int, pressed: bool, device: KeyboardDevice) -> bool:
        if self.override is not None and self.override(key, pressed, device.state):
            return True
        if not self.inhibited:
            for keep in list(self.filters):
                if keep(key, pressed, device.state):
                    return True
        interceptor = self.interceptor
        if interceptor is not None and self._intercepted(device):
            if not pressed and key in self.pressed:
                # The press was a client's.
                return False
            interceptor.key(device, time_ms, key, pressed)
            return True
        return bool(self.grabs) and self.grabs[-1].key(time_ms, key, pressed)

    def _intercepted(self, device: KeyboardDevice) -> bool:
        """Whether the interceptor gets the device's keys; during a drag nobody but the drag does."""
        return self.interceptor is not None and self.seat.drag is None and self.interceptor.wants(device)

    def set_modifiers(
        self, depressed: int, latched: int, locked: int, group: int, device: KeyboardDevice | None = None
    ) -> None:
        """Set the modifiers of a device by hand, as a virtual keyboard does."""
        device = device or self.default_device
        self._use(device)
        device.state.set_modifiers(depressed, latched, locked, group)
        self._tell_modifiers(device)

    def set_keymap(self, keymap: Keymap, device: KeyboardDevice | None = None) -> None:
        """Give a device another keymap; its keys are released first."""
        device = device or self.default_device
        if device.keymap is keymap:
            return
        self.release_all(device)
        device.keymap = keymap
        device.state = keymap.new_state()
        if device is self.device:
            self._keymap_changed()

    def release_all(self, device: KeyboardDevice) -> None:
        """Release every key that a device holds: it is about to go, or to change its meaning."""
        for key in sorted(device.pressed):
            self.key(key, False, device=device)

    def remove_device(self, device: KeyboardDevice) -> None:
        """A device is gone; its keys are released and the default keymap counts again."""
        self.release_all(device)
        if device is self.device and device is not self.default_device:
            self._change_device(self.default_device)
            self._tell_modifiers(self.default_device)

    def _use(self, device: KeyboardDevice) -> None:
        """Let clients see a device's keymap and modifiers from now on, unless they do not hear of it."""
        if device is not self.device and not self._intercepted(device):
            self._change_device(device)

    def _change_device(self, device: KeyboardDevice) -> None:
        if device is not self.device:
            before, self.device = self.device, device
            if before.keymap is not device.keymap:
                self._keymap_changed()

    def _keymap_changed(self) -> None:
        self.modifiers = self.device.state.modifiers
        if self.listener is not None:
            self.listener.keymap_changed()
        self._send_modifiers()

    def set_repeat(self, rate: int, delay_ms: int) -> None:
        """Have clients repeat keys `rate` times a second after `delay_ms`; rate 0 is never.

        Raises:
            ValueError: for negative numbers.
        """
        if rate < 0 or delay_ms < 0:
            raise ValueError(f"a repeat rate of {rate} after {delay_ms} ms: neither may be negative")
        self.repeat_rate = rate
        self.repeat_delay_ms = delay_ms
        if self.listener is not None:
            self.listener.repeat_changed()
        if self.interceptor is not None:
            self.interceptor.repeat_changed()

    def _tell_modifiers(self, device: KeyboardDevice) -> None:
        if self._intercepted(device):
            assert self.interceptor is not None
            self.interceptor.modifiers(device)
            return
        modifiers = self.device.state.modifiers
        if modifiers != self.modifiers:
            self.modifiers = modifiers
            self._send_modifiers()

    def _send_modifiers(self) -> None:
        if self.grabs and self.grabs[-1].modifiers(self.modifiers):
            return
        if self.focused is not None and self.listener is not None:
            self.listener.modifiers(self.note(self.focused.client), self.modifiers)

    def intercept(self, interceptor: Interceptor | None) -> None:
        """Let `interceptor` have the keys of the devices it wants, or nobody from now on."""
        self.interceptor = interceptor
        # Clients have missed what happened meanwhile.
        self._tell_modifiers(self.device)

    # Focus

    def focus(self, surface: Surface | None) -> None:
        """Give the keyboard to a surface; a grab may send it elsewhere for the time being."""
        self.wanted = surface
        self.refocus()

    def refocus(self) -> None:
        """Find out anew who gets the keyboard, after a grab changed its mind."""
        surface = self.wanted
        if surface is not None and not surface.alive:
            surface = self.wanted = None
        for grab in self.grabs:
            surface = grab.redirect(surface)
        if self.guard is not None:
            surface = self.guard(surface)
        self._set_focus(surface)

    def _set_focus(self, surface: Surface | None) -> None:
        old = self.focused
        if surface is old:
            return
        listener = self.listener
        if old is not None:
            old.on_destroy.remove(self._surface_gone)
            old.on_unmap.remove(self._surface_gone)
            self.focused = None
            if listener is not None:
                listener.leave(old, self.note(old.client))
        for hook in list(self.on_focus):
            hook(old, surface)
        if surface is None:
            return
        self.focused = surface
        surface.on_destroy.append(self._surface_gone)
        surface.on_unmap.append(self._surface_gone)
        self.focus_serial = self.note(surface.client)
        if listener is not None:
            listener.enter(surface, self.focus_serial, list(self.pressed))
            listener.modifiers(self.note(surface.client), self.modifiers)
        for entered in list(self.on_entered):
            entered(surface)

    def _surface_gone(self, surface: Surface) -> None:
        if surface is self.wanted:
            self.wanted = None
        # Another may have got it by now: of all that hear of a surface's end we are not the first.
        if surface is self.focused:
            self._set_focus(None)

    def note(self, client: Client) -> int:
        """Return a new serial that `client` is about to be sent."""
        return self.seat.serials.note(self.host.next_serial(), client)

    # Grabs

    def start_grab(self, grab: KeyboardGrab) -> None:
        """Let `grab` decide from now on."""
        self.grabs.append(grab)
        self.refocus()

    def end_grab(self, grab: KeyboardGrab) -> None:
        """Take a grab back, newest or not. Harmless when repeated."""
        if grab in self.grabs:
            self.grabs.remove(grab)
            self.refocus()
