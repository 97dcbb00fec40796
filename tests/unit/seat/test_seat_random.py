"""Whatever people and clients do in whatever order, the seat stays in order."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from seat_desk import Desk

from compositor.model.seat.drag import DragIcon
from compositor.model.selection import DragAction, Source

CLIENTS = ("a", "b")
BUTTONS = (0x110, 0x111, 0x112)
KEYS = (1, 30, 42, 125)
COORDINATES = st.integers(-50, 1050)


class Dragged(Source):
    def __init__(self, client: str) -> None:
        super().__init__(client)
        self.offer("a")
        self.actions = DragAction.COPY
        self.ends = 0

    def cancelled(self) -> None:
        self.ends += 1


class SeatMachine(RuleBasedStateMachine):
    """Random devices, windows and menus; `told` checks the order that clients rely on."""

    @initialize()
    def begin(self) -> None:
        self.desk = Desk()
        self.seat = self.desk.seat
        self.windows: list[Any] = []
        self.popups: list[Any] = []
        self.sources: list[Dragged] = []

    def _pick(self, things: list[Any], index: int) -> Any:
        return things[index % len(things)] if things else None

    @rule(x=st.integers(0, 800), y=st.integers(0, 600), client=st.sampled_from(CLIENTS))
    def open_window(self, x: int, y: int, client: str) -> None:
        if len(self.windows) < 4:
            self.windows.append(self.desk.window(x, y, 300, 200, client))

    @rule(index=st.integers(0, 3), how=st.sampled_from(["unmap", "destroy", "surface", "move", "minimize"]))
    def change_window(self, index: int, how: str) -> None:
        window = self._pick(self.windows, index)
        if window is None:
            return
        if how == "unmap" and window.surface.content is not None:
            self.desk.hide(window.surface)
            self.windows.remove(window)
        elif how == "destroy":
            window.destroy()
            self.windows.remove(window)
        elif how == "surface":
            window.surface.destroy()
            self.windows.remove(window)
        elif how == "move":
            window.move_to(window.x + 37, window.y - 11)
        else:
            window.set_minimized(not window.minimized)
        self.popups = [p for p in self.popups if not p.dismissed]

    @rule(index=st.integers(0, 3))
    def settle(self, index: int) -> None:
        self.desk.settle()

    @rule(x=COORDINATES, y=COORDINATES)
    def move(self, x: int, y: int) -> None:
        self.desk.pointer.move_to(x, y)
        self.desk.pointer.frame()

    @rule(button=st.sampled_from(BUTTONS), pressed=st.booleans())
    def button(self, button: int, pressed: bool) -> None:
        self.desk.pointer.button(button, pressed)
        self.desk.pointer.frame()

    @rule(key=st.sampled_from(KEYS), pressed=st.booleans())
    def key(self, key: int, pressed: bool) -> None:
        self.desk.keyboard.key(key, pressed)

    @rule(id=st.integers(0, 2), x=COORDINATES, y=COORDINATES, what=st.sampled_from(["down", "motion", "up"]))
    def finger(self, id: int, x: int, y: int, what: str) -> None:
        getattr(self.desk.touch, what)(*((id,) if what == "up" else (id, x, y)))
        self.desk.touch.frame()

    @rule()
    def cancel(self) -> None:
        self.seat.cancel_grabs()

    @rule(index=st.integers(0, 5), grab=st.booleans())
    def open_popup(self, index: int, grab: bool) -> None:
        parent = self._pick([w for w in self.windows if w.mapped] + self.popups, index)
        if parent is not None and len(self.popups) < 4:
            self.popups.append(self.desk.popup(parent, 10, 10, 80, 80, grab))

    @rule(index=st.integers(0, 3), destroy=st.booleans())
    def close_popup(self, index: int, destroy: bool) -> None:
        popup = self._pick(self.popups, index)
        if popup is not None:
            popup.destroy() if destroy else popup.dismiss()
        self.popups = [p for p in self.popups if not p.dismissed]

    @rule(index=st.integers(0, 3), resize=st.booleans())
    def drag_window(self, index: int, resize: bool) -> None:
        window = self._pick(self.windows, index)
        if window is not None and window.mapped:
            self.seat.begin_resize(window, 10) if resize else self.seat.begin_move(window)

    @rule(icon=st.booleans(), finger=st.booleans(), own=st.booleans())
    def drag(self, icon: bool, finger: bool, own: bool) -> None:
        pointer, touch = self.desk.pointer, self.desk.touch
        point = next((p for p in touch.points.values() if p.surface is not None), None)
        if finger and point is not None:
            client, serial = point.surface.client, point.serial
        elif pointer.focus is not None:
            client, serial = pointer.focus.client, pointer.grab_serial
        else:
            return
        source = None if own else Dragged(client)
        picture = None
        if icon:
            surface = self.desk.surface(client)
            picture = self.seat.claim_icon(surface)
            assert isinstance(picture, DragIcon)
            self.desk.show(surface, 16, 16)
        if self.seat.start_drag(source, client, picture, serial) is not None and source is not None:
            self.sources.append(source)

    @rule(index=st.integers(0, 3))
    def destroy_source(self, index: int) -> None:
        source = self._pick(self.sources, index)
        if source is not None:
            source.destroy()

    @invariant()
    def held_is_the_number_of_buttons_that_clients_heard_of(self) -> None:
        pointer = self.seat.pointer
        assert sum(pointer.buttons.values()) == pointer.held
        assert pointer.focus is not None or not pointer.held

    @invariant()
    def foci_are_alive(self) -> None:
        seat = self.seat
        points = [p.surface for p in seat.touch.points.values()]
        drag = [seat.drag.focus] if seat.drag is not None else []
        for surface in (seat.pointer.focus, seat.keyboard.focused, *points, *drag):
            assert surface is None or surface.alive
        assert seat.keyboard.focused is None or seat.keyboard.focused.content is not None

    @invariant()
    def hooks_are_not_left_behind(self) -> None:
        seat = self.seat
        for window in self.windows:
            hooks = window.surface.on_destroy
            used = [seat.pointer.focus, seat.keyboard.focused]
            used += [p.surface for p in seat.touch.points.values()]
            used += [seat.drag.focus] if seat.drag is not None else []
            drags = [g for g in hooks if "WindowDrag._gone" in getattr(g, "__qualname__", "")]
            assert used.count(window.surface) + len(drags) == len(hooks)

    @invariant()
    def grabs_are_what_they_seem(self) -> None:
        seat = self.seat
        assert (seat.popup_grab is not None) == any(
            p.grabbed and p.mapped and not p.dismissed for p in self.popups
        )
        if seat.drag is None and seat.popup_grab is None:
            assert not seat.keyboard.grabs

    @invariant()
    def clients_are_told_in_order(self) -> None:
        events, self.desk.events[:] = list(self.desk.events), []
        for kind in ("pointer", "keyboard"):
            inside = self.__dict__.setdefault(f"_{kind}", None)
            for event in events:
                name = event[0]
                if name == f"{kind}.enter":
                    assert inside is None
                    inside = event[1]
                elif name == f"{kind}.leave":
                    assert inside is event[1]
                    inside = None
                elif name in ("pointer.motion", "pointer.button", "keyboard.key") and name.startswith(kind):
                    assert inside is not None
            self.__dict__[f"_{kind}"] = inside
        for source in self.sources:
            assert source.ends <= 1


TestSeat = SeatMachine.TestCase
TestSeat.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
