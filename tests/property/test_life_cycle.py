"""The life of surfaces, lawful and not: whatever is asked in whatever order, the answer is known beforehand.

A plain model of the surfaces of one client says of each request whether it is right, and with which error
the connection ends if it is not, when a new client goes on; and after each step which windows are shown.
Sources: wayland.xml (wl_surface, wl_subcompositor), xdg-shell.xml (xdg_surface, "role").
"""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from support.client import Client, ConnectionLost, Proxy, error_name
from support.machine import MACHINE_SETTINGS, StageMachine
from support.pixels import Buffer
from support.windows import positioner

SURFACES = 3
ASKED = [
    *("xdg_surface", "toplevel", "toplevel", "popup", "popup", "orphan", "subsurface", "subsurface"),
    *(
        "attach",
        "attach_null",
        "commit",
        "commit",
        "attach_and_commit",
        "ack",
        "ack_nothing",
        "ack_older",
        "ack_void",
    ),
    *("end_role", "end_role", "end_xdg", "end_surface", "geometry", "no_geometry", "crossed_limits"),
    *("ring_of_parents", "place", "unfinished_popup", "end_shell"),
]
STAGES = {
    "new": (),
    "attached to nothing": ("attach",),
    "xdg": ("xdg_surface",),
    "window": ("xdg_surface", "toplevel"),
    "told": ("xdg_surface", "toplevel", "commit"),
    "acked": ("xdg_surface", "toplevel", "commit", "ack"),
    "shown": ("xdg_surface", "toplevel", "commit", "ack", "attach_and_commit"),
    "attached": ("xdg_surface", "toplevel", "commit", "ack", "attach"),
    "unmapped": ("xdg_surface", "toplevel", "commit", "ack", "attach_and_commit", "attach_null", "commit"),
    "was window": ("xdg_surface", "toplevel", "end_role"),
    "was window, attached": ("xdg_surface", "toplevel", "commit", "ack", "attach", "end_role"),
    "was shown": ("xdg_surface", "toplevel", "commit", "ack", "attach_and_commit", "end_role"),
    "popup": ("xdg_surface", "popup"),
    "popup shown": ("xdg_surface", "popup", "commit", "ack", "attach_and_commit"),
    "was popup": ("xdg_surface", "popup", "end_role"),
    "orphan": ("xdg_surface", "orphan"),
    "subsurface": ("subsurface",),
    "was subsurface": ("subsurface", "end_role"),
}
"""What a surface has been through; a popup needs a parent, or comes no further."""
WHICH = st.integers(0, SURFACES - 1)


class Unlawful(Exception):
    """What was to be asked for is an error, and this time only what is right is asked for."""


class Life:
    """One surface as its client knows it.

    Attributes:
        name: of the role it has had, which it keeps.
        xdg, role: its xdg_surface, and the object of its role.
        parent: of a subsurface or popup; None for a popup that was made without one.
        pending: what is attached for the next commit: None for nothing, else whether it is a buffer.
        shown: whether it has content.
        told: whether a configure has answered the first commit.
        acked: whether that was acknowledged.
        orphaned: whether it is a popup that nobody carries.
        void: serials of proposals that were not acknowledged when it was unmapped.
        spent: one of those that was acknowledged all the same, and cannot be again.
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
        self.orphaned = False
        self.void: list[int] = []
        self.spent = 0

    @property
    def in_shell(self) -> bool:
        """Whether it has a role of xdg-shell now."""
        return self.role is not None and self.name in ("xdg_toplevel", "xdg_popup")

    @property
    def carries(self) -> bool:
        """Whether it is a popup that is shown."""
        dismissed = self.role is not None and self.role.count("popup_done")
        return self.in_shell and self.name == "xdg_popup" and self.shown and not dismissed

    def descends_from(self, other: Life) -> bool:
        """Whether it is below another in a tree of subsurfaces, or that one itself."""
        above: Life | None = self
        while above is not None:
            if above is other:
                return True
            above = above.parent if above.name == "subsurface" and above.role is not None else None
        return False


def serials(xdg_surface: Proxy) -> list[int]:
    """Return those of the proposals that wait for an answer."""
    return [values[0] for name, values in xdg_surface.raw if name == "configure"]


class Lives(StageMachine):
    """Surfaces of a client that asks for anything."""

    def __init__(self) -> None:
        super().__init__()
        self.lawful = True
        self.begin()

    def begin(self) -> None:
        """A new client comes."""
        self.client: Client = self.stage.connect()
        self.buffer = Buffer(self.client, 20, 20)
        self.lives = [self.new() for _ in range(SURFACES)]

    def new(self) -> Life:
        return Life(self.client.get("wl_compositor").create_surface())

    @rule(stage=st.sampled_from(sorted(STAGES)), which=WHICH, other=WHICH)
    def come_to(self, stage: str, which: int, other: int) -> None:
        """Begin anew with a surface, and do with it what is right until it is where it shall be."""
        self.lawful = True
        self.end(self.lives[which])
        for what in STAGES[stage]:
            try:
                assert getattr(self, what)(self.lives[which], self.lives[other]) is None
            except Unlawful:
                break
            self.client.roundtrip()

    @rule(what=st.sampled_from(ASKED), which=WHICH, other=WHICH, lawful=st.booleans())
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
        life.told = life.acked = life.orphaned = False
        return None

    def toplevel(self, life: Life, _: Life) -> str | None:
        if life.xdg is None:
            return None
        wrong = self._take_role(life, "xdg_toplevel")
        life.role = life.xdg.get_toplevel()
        return wrong

    def popup(self, life: Life, parent: Life) -> str | None:
        if life.xdg is None or parent.xdg is None:
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

    def orphan(self, life: Life, _: Life) -> str | None:
        if life.xdg is None:
            return None
        wrong = self._take_role(life, "xdg_popup")
        life.parent, life.orphaned = None, True
        life.role = life.xdg.get_popup(None, positioner(self.client))
        return wrong

    def unfinished_popup(self, life: Life, parent: Life) -> str | None:
        if life.xdg is None or parent.xdg is None:
            return None
        wrong = self.judged("xdg_wm_base.invalid_positioner")
        life.xdg.get_popup(parent.xdg, self.client.get("xdg_wm_base").create_positioner())
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
        if life.in_shell and life.orphaned:
            wrong = self.judged("xdg_wm_base.invalid_popup_parent")
            life.surface.commit()
            return wrong
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
                    life.void = serials(life.xdg)
                    life.xdg.take()
            life.shown = pending
        if life.in_shell and not life.shown and pending is None:
            life.told = True
        return None

    def attach_and_commit(self, life: Life, other: Life) -> str | None:
        return self.attach(life, other) or self.commit(life, other)

    def ack(self, life: Life, _: Life) -> str | None:
        if life.in_shell and life.xdg is not None and life.xdg.count("configure"):
            serial = life.xdg.last("configure")[0]
            life.xdg.take()
            life.xdg.ack_configure(serial)
            life.acked = life.told
            life.void.clear()
        return None

    def ack_nothing(self, life: Life, _: Life) -> str | None:
        if life.xdg is None:
            return None
        wrong = self.judged("xdg_surface.invalid_serial")
        life.xdg.ack_configure(0xFFFF_FFF0)
        return wrong

    def ack_older(self, life: Life, _: Life) -> str | None:
        """Acknowledge a proposal, and then one that came before it."""
        if life.xdg is None or life.role is None or life.name != "xdg_toplevel" or not life.told:
            return None
        life.role.set_maximized()
        life.role.unset_maximized()
        self.client.roundtrip()
        told = serials(life.xdg)
        if len(told) < 2:
            return None
        wrong = self.judged("xdg_surface.invalid_serial")
        life.xdg.ack_configure(told[-1])
        life.xdg.ack_configure(told[-2])
        return wrong

    def ack_void(self, life: Life, _: Life) -> str | None:
        """Acknowledge what was proposed before it was unmapped, which may have crossed that: once."""
        if life.xdg is None or not life.in_shell or not (life.void or life.spent):
            return None
        if life.void:
            life.spent = life.void[-1]
            life.void.clear()
            wrong = self.judged(None)
        else:
            wrong = self.judged("xdg_surface.invalid_serial")
        life.xdg.ack_configure(life.spent)
        return wrong

    def geometry(self, life: Life, _: Life) -> str | None:
        if life.xdg is None:
            return None
        wrong = self.judged(None if life.in_shell else "xdg_surface.not_constructed")
        life.xdg.set_window_geometry(0, 0, 10, 10)
        return wrong

    def no_geometry(self, life: Life, _: Life) -> str | None:
        if life.xdg is None or not life.in_shell:
            return None
        wrong = self.judged("xdg_surface.invalid_size")
        life.xdg.set_window_geometry(0, 0, 10, 0)
        return wrong

    def crossed_limits(self, life: Life, _: Life) -> str | None:
        if life.role is None or life.name != "xdg_toplevel":
            return None
        wrong = self.judged("xdg_toplevel.invalid_size")
        life.role.set_min_size(0, 10)
        life.role.set_max_size(0, 9)
        life.surface.commit()
        return wrong

    def ring_of_parents(self, life: Life, other: Life) -> str | None:
        for each in (life, other):
            if each.name != "xdg_toplevel" or not (each.in_shell and each.shown and each.acked):
                return None
        assert life.role is not None and other.role is not None
        wrong = self.judged("xdg_toplevel.invalid_parent")
        life.role.set_parent(other.role)
        other.role.set_parent(life.role)
        return wrong

    def place(self, life: Life, other: Life) -> str | None:
        if life.role is None or life.name != "subsurface" or life.parent is None:
            return None
        sibling = other.role is not None and other.name == "subsurface" and other.parent is life.parent
        right = other is life.parent or (sibling and other is not life)
        wrong = self.judged(None if right else "wl_subsurface.bad_surface")
        life.role.place_above(other.surface)
        return wrong

    def end_shell(self, _: Life, __: Life) -> str | None:
        if not any(life.xdg is not None for life in self.lives):
            return None
        wrong = self.judged("xdg_wm_base.defunct_surfaces")
        self.client.get("xdg_wm_base").destroy()
        return wrong

    def end(self, life: Life) -> None:
        """End a surface and all that it is, in the right order, and put a new one in its place."""
        for other in self.lives:
            if other.parent is life and other.carries:
                self.end(other)
        self.end_role(life, life)
        if life.xdg is not None:
            self.end_xdg(life, life)
        self.end_surface(life, life)
        self.client.roundtrip()

    def end_role(self, life: Life, _: Life) -> str | None:
        if life.role is not None:
            topmost = not any(other.parent is life and other.carries for other in self.lives)
            on_top = topmost or life.name != "xdg_popup"
            wrong = self.judged(None if on_top else "xdg_wm_base.not_the_topmost_popup")
            life.role.destroy()
            if wrong is not None:
                return wrong
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

    def finish(self) -> None:
        # Those of unlawful requests were expected.
        self.stage.errors.clear()


@pytest.mark.parametrize("stage", STAGES)
def test_whatever_is_asked_for_at_every_stage_has_its_answer(stage: str) -> None:
    lives = Lives()
    try:
        for what in sorted(set(ASKED)):
            for others_stage, other, upon in (
                ("xdg", 0, False),
                ("xdg", 1, False),
                ("shown", 1, False),
                ("popup shown", 1, False),
                ("popup shown", 1, True),
                ("subsurface", 1, False),
                ("subsurface", 1, True),
            ):
                # The third is the parent of those that need one, unless the first is the other one's.
                lives.come_to("shown", 2, 2)
                if not upon:
                    lives.come_to(others_stage, 1, 2)
                lives.come_to(stage, 0, 2)
                if upon:
                    lives.come_to(others_stage, 1, 0)
                lives.ask(what, 0, other, lawful=False)
                lives.what_is_shown_is_what_should_be()
    finally:
        lives.teardown()


TestLives = Lives.TestCase
TestLives.settings = settings(MACHINE_SETTINGS, max_examples=30)
