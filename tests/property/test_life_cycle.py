"""The life of surfaces, lawful and not: whatever is asked in whatever order, the answer is known beforehand.

A plain model of the surfaces of one client says of each request whether it is right, and with which error
the connection ends if it is not, when a new client goes on; and after each step which windows are shown.
Sources: wayland.xml (wl_surface, wl_subcompositor), xdg-shell.xml (xdg_surface, "role").
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from support.client import Client, ConnectionLost, Proxy, error_name
from support.pixels import Buffer
from support.stage import Stage
from support.windows import positioner

SURFACES = 2
ASKED = [
    *("xdg_surface", "xdg_surface", "toplevel", "toplevel", "toplevel", "popup", "popup", "subsurface"),
    *("attach", "attach", "attach", "attach_null", "commit", "commit", "commit", "ack", "ack", "ack_nothing"),
    *("end_role", "end_xdg", "end_surface", "show", "show"),
]
WHICH = st.integers(0, SURFACES - 1)


class Unlawful(Exception):
    """What was to be asked for is an error, and this time only what is right is asked for."""


class Life:
    """One surface as its client knows it.

    Attributes:
        name: of the role it has had, which it keeps.
        xdg, role: its xdg_surface, and the object of its role.
        parent: of a subsurface or popup.
        pending: what is attached for the next commit: None for nothing, else whether it is a buffer.
        shown: whether it has content.
        told: whether a configure has answered the first commit.
        acked: whether that was acknowledged.
    """

    def __init__(self, surface: Proxy) -> None:
        self.surface = surface
        self.name: str | None = None
        self.xdg: Proxy | None = None
        self.role: Proxy | None = None
        self.parent: Life | None = None
        self.pending: bool | None = None
        self.shown = False
        self.told = False
        self.acked = False

    @property
    def in_shell(self) -> bool:
        """Whether it has a role of xdg-shell now."""
        return self.role is not None and self.name in ("xdg_toplevel", "xdg_popup")

    def descends_from(self, other: Life) -> bool:
        """Whether it is below another in a tree of subsurfaces, or that one itself."""
        above: Life | None = self
        while above is not None:
            if above is other:
                return True
            above = above.parent if above.name == "subsurface" and above.role is not None else None
        return False


class Lives(RuleBasedStateMachine):
    """Surfaces of a client that asks for anything."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.stage = Stage(self.folder)
        self.lawful = True
        self.begin()

    def begin(self) -> None:
        """A new client comes."""
        self.client: Client = self.stage.connect()
        self.buffer = Buffer(self.client, 20, 20)
        self.lives = [self.new() for _ in range(SURFACES)]

    def new(self) -> Life:
        return Life(self.client.get("wl_compositor").create_surface())

    @rule(what=st.sampled_from(ASKED), which=WHICH, other=WHICH, lawful=st.sampled_from([True, True, False]))
    def ask(self, what: str, which: int, other: int, lawful: bool) -> None:
        """Ask for one thing, and compare the answer; errors end a client, so they are the exception."""
        self.lawful = lawful
        try:
            wanted = getattr(self, what)(self.lives[which], self.lives[other])
        except Unlawful:
            return
        try:
            self.client.roundtrip()
            told = None
        except ConnectionLost:
            assert self.client.error is not None
            interface, _, code, _ = self.client.error
            told = f"{interface}.{error_name(interface, code)}"
        assert wanted == told, f"{what} {which} {other}"
        if told is not None:
            self.stage.clients.remove(self.client)
            self.client.close()
            self.stage.errors.clear()
            self.begin()

    # Requests: each returns the error that it must lead to

    def judged(self, wrong: str | None) -> str | None:
        """Go on if it may be asked for this time."""
        if wrong is not None and self.lawful:
            raise Unlawful
        return wrong

    def xdg_surface(self, life: Life, _: Life) -> str | None:
        wrong = None
        if life.name == "subsurface" or life.xdg is not None:
            wrong = "xdg_wm_base.role"
        elif life.shown or life.pending:
            wrong = "xdg_wm_base.invalid_surface_state"
        self.judged(wrong)
        life.xdg = self.client.get("xdg_wm_base").get_xdg_surface(life.surface)
        return wrong

    def _take_role(self, life: Life, name: str) -> str | None:
        if life.role is not None and life.name != "subsurface":
            return self.judged("xdg_surface.already_constructed")
        if life.name not in (None, name):
            return self.judged("xdg_wm_base.role")
        life.name = name
        life.told = life.acked = False
        return None

    def toplevel(self, life: Life, _: Life) -> str | None:
        if life.xdg is None:
            return None
        wrong = self._take_role(life, "xdg_toplevel")
        life.role = life.xdg.get_toplevel()
        return wrong

    def popup(self, life: Life, parent: Life) -> str | None:
        if life.xdg is None or parent.xdg is None or parent.name == "xdg_popup":
            return None
        rules = positioner(self.client)
        if not parent.in_shell:
            self.judged("xdg_wm_base.invalid_popup_parent")
            life.xdg.get_popup(parent.xdg, rules)
            return "xdg_wm_base.invalid_popup_parent"
        wrong = self._take_role(life, "xdg_popup")
        life.parent = parent
        life.role = life.xdg.get_popup(parent.xdg, rules)
        return wrong

    def subsurface(self, life: Life, parent: Life) -> str | None:
        wrong = None
        if life is parent or (life.name == "subsurface" and life.role is not None):
            wrong = "wl_subcompositor.bad_surface"
        elif parent.descends_from(life):
            wrong = "wl_subcompositor.bad_parent"
        elif life.name not in (None, "subsurface"):
            wrong = "wl_subcompositor.bad_surface"
        self.judged(wrong)
        life.role = self.client.get("wl_subcompositor").get_subsurface(life.surface, parent.surface)
        life.role.set_desync()
        life.name, life.parent = "subsurface", parent
        return wrong

    def attach(self, life: Life, _: Life) -> str | None:
        wrong = "xdg_surface.unconfigured_buffer" if life.xdg is not None and not life.in_shell else None
        self.judged(wrong)
        life.surface.attach(self.buffer, 0, 0)
        life.pending = True
        return wrong

    def attach_null(self, life: Life, _: Life) -> str | None:
        life.surface.attach(None, 0, 0)
        life.pending = False
        return None

    def commit(self, life: Life, _: Life) -> str | None:
        if life.xdg is not None and life.pending and not (life.in_shell and life.acked):
            wrong = "xdg_surface.unconfigured_buffer" if life.in_shell else "xdg_surface.not_constructed"
            self.judged(wrong)
            life.surface.commit()
            return wrong
        life.surface.commit()
        pending, life.pending = life.pending, None
        if pending is not None:
            if life.shown and not pending:
                # Unmapped: it has to begin again, and what was proposed before is void.
                life.told = life.acked = False
                if life.xdg is not None:
                    life.xdg.take()
            life.shown = pending
        if life.in_shell and not life.shown and pending is None:
            life.told = True
        return None

    def ack(self, life: Life, _: Life) -> str | None:
        if life.in_shell and life.xdg is not None and life.xdg.count("configure"):
            serial = life.xdg.last("configure")[0]
            life.xdg.take()
            life.xdg.ack_configure(serial)
            life.acked = life.told
        return None

    def ack_nothing(self, life: Life, _: Life) -> str | None:
        if life.xdg is None:
            return None
        wrong = self.judged("xdg_surface.invalid_serial")
        life.xdg.ack_configure(0xFFFF_FFF0)
        return wrong

    def end_role(self, life: Life, _: Life) -> str | None:
        if life.role is not None:
            life.role.destroy()
            life.role = life.parent = None
            if life.xdg is not None:
                life.xdg.take()
            life.told = life.acked = False
        return None

    def end_xdg(self, life: Life, _: Life) -> str | None:
        if life.xdg is None:
            return None
        wrong = self.judged("xdg_surface.defunct_role_object" if life.in_shell else None)
        life.xdg.destroy()
        life.xdg = None
        return wrong

    def end_surface(self, life: Life, _: Life) -> str | None:
        wrong = self.judged("wl_surface.defunct_role_object" if life.xdg is not None else None)
        life.surface.destroy()
        if wrong is not None:
            return wrong
        for other in self.lives:
            if other.parent is life:
                other.parent = None
        self.lives[self.lives.index(life)] = self.new()
        return None

    def show(self, life: Life, other: Life) -> str | None:
        """Do what a well-behaved client does to show a window."""
        if life.name not in (None, "xdg_toplevel") or life.shown or life.pending is not None:
            return None
        if life.xdg is None:
            self.xdg_surface(life, other)
        if life.role is None:
            self.toplevel(life, other)
        self.commit(life, other)
        self.client.roundtrip()
        self.ack(life, other)
        if life.acked:
            self.attach(life, other)
            self.commit(life, other)
        return None

    # What must hold

    @invariant()
    def what_is_shown_is_what_should_be(self) -> None:
        self.stage.settle()
        assert 0 == self.stage.bugs + self.stage.server.display.bugs
        self.stage.check()
        mapped = {window.surface.resource.oid for window in self.stage.desktop.windows if window.mapped}
        lives = [life for life in self.lives if life.name == "xdg_toplevel" and life.in_shell]
        assert {life.surface.id for life in lives if life.shown and life.acked} == mapped
        assert len(lives) == len(self.stage.desktop.windows)

    def teardown(self) -> None:
        try:
            self.stage.errors.clear()
            self.stage.close()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
