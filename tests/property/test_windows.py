"""Random but lawful programs with windows, dialogs, menus and panels, and a person at the devices.

After every step the desktop must not contradict itself (`support.invariants`): stacking, and focus on
something that is shown or nowhere. What each client was told must agree: enter and leave in turns, one
surface with the keyboard in all, and no press without its focus. Hypothesis shrinks what fails to the
fewest steps, and prints them as a program to be run again.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from support.client import Client, Proxy
from support.layers import Panel
from support.machine import MACHINE_SETTINGS, StageMachine
from support.windows import Popup, Toplevel

PICK = st.integers(0, 1000)
MAX_CLIENTS, MAX_WINDOWS, MAX_POPUPS, MAX_PANELS = 3, 6, 6, 3
LEFT = 0x110


class Devices:
    """What one client hears of pointer and keyboard, and whether that can be true."""

    def __init__(self, client: Client) -> None:
        seat = client.get("wl_seat")
        self.seat: Proxy = seat
        self.pointer: Proxy = seat.get_pointer()
        self.keyboard: Proxy = seat.get_keyboard()
        self.pointed: int | None = None
        self.typing: int | None = None
        self.serial = 0
        self.buttons: set[int] = set()
        self.keys: set[int] = set()
        self.pointer.on_event = self._pointer
        self.keyboard.on_event = self._keyboard

    def _pointer(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name == "enter":
            assert self.pointed is None, "enter while over another surface"
            self.pointed = arguments[1].id
        elif name == "leave":
            assert self.pointed is not None, "leave without enter"
            self.pointed = None
            self.buttons.clear()
        elif name == "button":
            assert self.pointed is not None, "a button without focus"
            serial, _, button, state = arguments
            if state:
                assert button not in self.buttons, "a button was pressed twice"
                self.buttons.add(button)
                self.serial = serial
            else:
                self.buttons.discard(button)
        elif name == "motion":
            assert self.pointed is not None, "motion without focus"

    def _keyboard(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name == "enter":
            assert self.typing is None, "enter while another surface has the keyboard"
            self.typing = arguments[1].id
        elif name == "leave":
            assert self.typing is not None, "leave without enter"
            self.typing = None
            self.keys.clear()
        elif name == "key":
            assert self.typing is not None, "a key without focus"
            if arguments[3]:
                self.keys.add(arguments[2])
            else:
                self.keys.discard(arguments[2])


class Program:
    """One client, with what it made."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.devices = Devices(client)
        self.windows: list[Toplevel] = []
        self.popups: list[tuple[Popup, Any]] = []
        self.panels: list[Panel] = []
        client.roundtrip()


class Windows(StageMachine):
    """Programs that follow the protocol, and a person that does anything."""

    def __init__(self) -> None:
        super().__init__()
        self.programs: list[Program] = []
        self.acked: dict[Toplevel, int] = {}

    def program(self, who: int) -> Program:
        return self.programs[who % len(self.programs)]

    def windows(self) -> list[tuple[Program, Toplevel]]:
        return [(program, window) for program in self.programs for window in program.windows]

    # Programs

    @initialize()
    def two_programs(self) -> None:
        for who in range(2):
            self.new_program()
            self.new_window(who, False)

    @rule()
    def new_program(self) -> None:
        if len(self.programs) < MAX_CLIENTS:
            self.programs.append(Program(self.stage.connect()))

    @rule(who=PICK, dialog=st.booleans())
    def new_window(self, who: int, dialog: bool) -> None:
        program = self.program(who)
        if len(self.windows()) >= MAX_WINDOWS:
            return
        window = Toplevel(program.client)
        if dialog and program.windows:
            window.toplevel.set_parent(program.windows[who % len(program.windows)].toplevel)
            if who % 2:
                program.client.get("xdg_wm_dialog_v1").get_xdg_dialog(window.toplevel).set_modal()
        window.show(60 + who % 50, 50)
        # Acknowledged with the first content; what came since waits for its turn.
        self.acked[window] = int(window.xdg_surface.raw[0][1][0])
        program.windows.append(window)

    @rule(who=PICK, grab=st.booleans())
    def new_popup(self, who: int, grab: bool) -> None:
        program = self.program(who)
        parents = [w for w in program.windows if w.buffer is not None]
        open_popups = [popup for popup, _ in program.popups if not popup.popup.count("popup_done")]
        if not parents or len(program.popups) >= MAX_POPUPS:
            return
        above = open_popups[-1] if open_popups and who % 2 else parents[who % len(parents)]
        if above in open_popups and grab and not getattr(above, "grabbed", False):
            grab = False
        if any(getattr(popup, "grabbed", False) for popup in open_popups if popup is not above):
            # An error, unless the parent is the topmost.
            grab = grab and above is open_popups[-1] and bool(getattr(above, "grabbed", False))
        popup = Popup(program.client, above)
        popup.grabbed = grab  # type: ignore[attr-defined]
        if grab:
            popup.popup.grab(program.devices.seat, program.devices.serial)
        popup.show()
        program.popups.append((popup, above))

    @rule(who=PICK, layer=st.integers(0, 3), keyboard=st.integers(0, 2), zone=st.integers(-1, 20))
    def new_panel(self, who: int, layer: int, keyboard: int, zone: int) -> None:
        program = self.program(who)
        if sum(len(p.panels) for p in self.programs) < MAX_PANELS:
            edges = (1 | 4 | 8, 2 | 4 | 8, 4 | 1 | 2)[who % 3]
            size = (0, 20) if who % 3 < 2 else (20, 0)
            panel = Panel(program.client, layer, edges, size, zone=zone, keyboard=keyboard)
            program.panels.append(panel.show())

    @precondition(lambda self: self.windows())
    @rule(which=PICK, what=st.sampled_from(["max", "unmax", "full", "unfull", "min", "draw", "unmap", "ack"]))
    def ask(self, which: int, what: str) -> None:
        """A program asks something of its window, or draws it anew."""
        program, window = self.windows()[which % len(self.windows())]
        toplevel = window.toplevel
        requests: dict[str, Any] = {
            "max": toplevel.set_maximized,
            "unmax": toplevel.unset_maximized,
            "full": lambda: toplevel.set_fullscreen(None),
            "unfull": toplevel.unset_fullscreen,
            "min": toplevel.set_minimized,
        }
        if what in requests:
            requests[what]()
        elif what == "unmap":
            self.close_popups_of(program, window)
            window.surface.attach(None, 0, 0)
            window.surface.commit()
            window.buffer = None
        elif what == "draw":
            if window.buffer is None:
                window.start()
                self.acked[window] = window.serial
            window.show(50 + which % 70, 40 + which % 30)
        elif window.buffer is not None and window.serial != self.acked.get(window):
            self.acked[window] = window.serial
            window.ack()
        program.client.roundtrip()

    @precondition(lambda self: self.windows())
    @rule(which=PICK, resize=st.booleans())
    def take_hold(self, which: int, resize: bool) -> None:
        """A program has the person move or resize its window, with whatever serial it heard last."""
        program, window = self.windows()[which % len(self.windows())]
        devices = program.devices
        if resize:
            window.toplevel.resize(devices.seat, devices.serial, 10)
        else:
            window.toplevel.move(devices.seat, devices.serial)

    # Ends

    def close_popups_of(self, program: Program, owner: Any) -> None:
        """Destroy the popups above something, topmost first."""
        for entry in reversed(list(program.popups)):
            popup, above = entry
            if above is owner and entry in program.popups:
                self.close_popups_of(program, popup)
                popup.popup.destroy()
                popup.xdg_surface.destroy()
                popup.surface.destroy()
                program.popups.remove(entry)

    @rule(who=PICK, which=PICK, what=st.sampled_from(["window", "popup", "panel", "program"]))
    def end(self, who: int, which: int, what: str) -> None:
        program = self.program(who)
        if what == "window" and program.windows:
            window = program.windows.pop(which % len(program.windows))
            self.close_popups_of(program, window)
            window.destroy()
        elif what == "popup" and program.popups:
            self.close_popups_of(program, program.popups[which % len(program.popups)][1])
        elif what == "panel" and program.panels:
            panel = program.panels.pop(which % len(program.panels))
            panel.layer.destroy()
            panel.surface.destroy()
        elif what == "program" and len(self.programs) > 2:
            self.programs.remove(program)
            program.client.flush()
            self.stage.clients.remove(program.client)
            program.client.close()

    # The person

    @rule(x=st.integers(0, 319), y=st.integers(0, 239))
    def point(self, x: int, y: int) -> None:
        self.stage.desktop.seat.pointer.move_to(x, y)
        self.stage.desktop.seat.pointer.frame()

    @precondition(lambda self: any(w.mapped for w in self.stage.desktop.windows))
    @rule(which=PICK)
    def point_at_a_window(self, which: int) -> None:
        shown = [w for w in self.stage.desktop.windows if w.mapped]
        window = shown[which % len(shown)]
        self.point(window.x + which % 40, window.y + which % 30)

    @rule(pressed=st.booleans())
    def button(self, pressed: bool) -> None:
        pointer = self.stage.desktop.seat.pointer
        if pressed != (LEFT in pointer.buttons):
            pointer.button(LEFT, pressed)
            pointer.frame()

    @rule(key=st.sampled_from([30, 42, 1, 125, 56, 15]), pressed=st.booleans())
    def key(self, key: int, pressed: bool) -> None:
        keyboard = self.stage.desktop.seat.keyboard
        if pressed != bool(keyboard.pressed.get(key)):
            keyboard.key(key, pressed)

    @precondition(lambda self: self.stage.desktop.windows)
    @rule(which=PICK, what=st.sampled_from(["focus", "move", "restore", "tile", "untile", "resize"]))
    def steer(self, which: int, what: str) -> None:
        """The person, or a taskbar, does something with a window."""
        desktop = self.stage.desktop
        shown = [w for w in desktop.windows if w.mapped]
        if not shown:
            return
        window = shown[which % len(shown)]
        if what == "focus":
            desktop.activate(window)
        elif what == "move":
            window.move_to(which % 300, which % 200)
        elif what == "restore":
            window.set_minimized(False)
        elif what == "resize":
            window.resize_to(40 + which % 200, 40 + which % 100)
        else:
            from compositor.model.window import State

            half = {State.TILED_LEFT, State.TILED_TOP, State.TILED_BOTTOM}
            window.set_tiled(frozenset(half if what == "tile" else ()))

    @rule(ms=st.sampled_from([1, 17, 600, 1200]))
    def wait(self, ms: int) -> None:
        self.stage.advance(ms)

    # What must hold

    @invariant()
    def nothing_contradicts_itself(self) -> None:
        self.stage.settle()
        assert [] == self.stage.errors
        assert 0 == self.stage.bugs + self.stage.server.display.bugs
        self.stage.check()
        self.stage.settle()
        typing = [p for p in self.programs if p.devices.typing is not None]
        assert len(typing) <= 1, "two programs have the keyboard"
        pointed = [p for p in self.programs if p.devices.pointed is not None]
        assert len(pointed) <= 1, "the pointer is over two programs"
        seat = self.stage.desktop.seat
        for told, focused in ((typing, seat.keyboard.focused), (pointed, seat.pointer.focus)):
            if focused is not None and focused.resource is not None:
                ids = [p.devices.typing if told is typing else p.devices.pointed for p in told]
                assert [focused.resource.oid] == ids, f"{focused!r} has the focus, and was told otherwise"

    def finish(self) -> None:
        self.stage.advance(2000)


Windows.TestCase.settings = MACHINE_SETTINGS
TestWindows = Windows.TestCase
