"""Random but lawful clients: surfaces, subsurfaces, windows and buffers, in any order.

After every step the compositor's state must not contradict itself
(`support.invariants`), and clients must have been told what is true: a buffer
is released exactly when nothing holds it, and no frame callback is lost.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from support.client import Client, Proxy
from support.machine import MACHINE_SETTINGS, StageMachine
from support.pixels import ARGB, XRGB, Buffer, is_unsealable
from support.windows import Toplevel

from compositor.model.output import Output
from compositor.protocol.shm_copy import CopiedBuffer, CopiedContent
from compositor.protocol.wl_shm import WlBuffer
from compositor.protocol.wl_surface import WlSurface

PICK = st.integers(0, 1000)
SMALL = st.integers(-30, 60)
STATES = ["turn", "stretch", "opaque", "input", "feedback", "frame", "barrier", "wait", "time"]
MAX_SURFACES = 12
MAX_CLIENTS = 3


class Held:
    """A buffer as its client sees it."""

    def __init__(self, buffer: Buffer) -> None:
        self.buffer = buffer
        self.busy = False
        self.destroyed = False
        buffer.proxy.on_event = self._released

    def _released(self, name: str, arguments: tuple[Any, ...]) -> None:
        assert "release" == name
        assert self.busy, f"{self.buffer.proxy!r} was released twice"
        self.busy = False


class Shown:
    """A surface as its client sees it."""

    def __init__(self, actor: Actor, surface: Proxy) -> None:
        self.actor = actor
        self.surface = surface
        self.window: Toplevel | None = None
        self.role: Proxy | None = None
        self.parent: Shown | None = None
        self.viewport: Proxy | None = None
        self.fifo: Proxy | None = None
        self.timer: Proxy | None = None
        self.has_time = False
        self.pending: Held | None = None
        self.attached = False
        self.callbacks: list[Proxy] = []
        self.had_role = False
        self.acked = 0

    def descends_from(self, other: Shown) -> bool:
        above: Shown | None = self
        while above is not None:
            if above is other:
                return True
            above = above.parent
        return False


class Actor:
    """One client."""

    def __init__(self, client: Client, connection: Any) -> None:
        self.client = client
        self.connection = connection
        self.surfaces: list[Shown] = []
        self.buffers: list[Held] = []


class Surfaces(StageMachine):
    """Clients that follow the protocol, and do nothing else sensible."""

    def __init__(self) -> None:
        super().__init__()
        self.actors: list[Actor] = []
        self.lost: list[Proxy] = []

    def pick(self, number: int) -> Shown:
        every = self.every()
        return every[number % len(every)]

    def every(self) -> list[Shown]:
        return [shown for actor in self.actors for shown in actor.surfaces]

    # Who there is

    @initialize()
    def two_clients_with_trees(self) -> None:
        for who in range(2):
            self.new_client()
            self.new_window(who)
            for _ in range(3):
                self.new_surface(who)
        # A window with a synchronized and a free child, one of them with a child of its own.
        window, first, second, third = self.actors[0].surfaces
        for child, parent in ((first, window), (second, window), (third, first)):
            self.adopt(child, parent)
        assert second.role is not None
        second.role.set_desync()
        for shown in (third, second, first, window):
            self.present(shown, shown.actor.buffers[0])

    def adopt(self, child: Shown, parent: Shown) -> None:
        child.parent = parent
        child.had_role = True
        subcompositor = child.actor.client.get("wl_subcompositor")
        child.role = subcompositor.get_subsurface(child.surface, parent.surface)

    def present(self, shown: Shown, held: Held) -> None:
        shown.surface.attach(held.buffer, 0, 0)
        shown.pending, shown.attached = held, True
        shown.surface.damage_buffer(0, 0, 8, 8)
        shown.callbacks.append(shown.surface.frame())
        self.apply(shown)

    def apply(self, shown: Shown) -> None:
        window = shown.window
        if window is not None and window.serial != shown.acked:
            shown.acked = window.serial
            window.ack()
        if shown.attached and shown.pending is not None and not shown.pending.destroyed:
            shown.pending.busy = True
        shown.attached, shown.pending = False, None
        shown.has_time = False
        shown.surface.commit()

    def new_client(self) -> None:
        actor = Actor(self.stage.connect(), self.stage.server.display.clients[-1])
        for size in ((20, 20), (40, 24), (8, 8)):
            actor.buffers.append(Held(Buffer(actor.client, *size, 0xFF123456, XRGB)))
        actor.buffers.append(Held(Buffer(actor.client, 16, 16, 0x80402010, ARGB)))
        actor.buffers.append(Held(Buffer(actor.client, 20, 20, **is_unsealable())))
        actor.client.roundtrip()
        self.actors.append(actor)

    def new_surface(self, who: int) -> None:
        actor = self.actors[who % len(self.actors)]
        actor.surfaces.append(Shown(actor, actor.client.get("wl_compositor").create_surface()))

    def new_window(self, who: int) -> None:
        actor = self.actors[who % len(self.actors)]
        window = Toplevel(actor.client).start()
        shown = Shown(actor, window.surface)
        shown.window = window
        shown.had_role = True
        shown.acked = window.serial
        actor.surfaces.append(shown)

    @rule(what=st.sampled_from(["client", "surface", "surface", "window"]), who=PICK)
    def new(self, what: str, who: int) -> None:
        """Somebody or something appears."""
        if what == "client":
            if len(self.actors) < MAX_CLIENTS:
                self.new_client()
        elif len(self.every()) < MAX_SURFACES:
            (self.new_window if what == "window" else self.new_surface)(who)

    @precondition(lambda self: len(self.every()) > 1)
    @rule(which=PICK, under=PICK)
    def make_subsurface(self, which: int, under: int) -> None:
        child = self.pick(which)
        candidates = [s for s in child.actor.surfaces if not s.descends_from(child)]
        if not child.had_role and candidates:
            self.adopt(child, candidates[under % len(candidates)])

    # State

    @precondition(lambda self: self.every())
    @rule(which=PICK, buffer=st.none() | PICK)
    def attach(self, which: int, buffer: int | None) -> None:
        shown = self.pick(which)
        if buffer is not None:
            usable = [held for held in shown.actor.buffers if not held.destroyed]
            shown.pending = usable[buffer % len(usable)]
            shown.surface.attach(shown.pending.buffer, 0, 0)
        elif shown.window is None:
            shown.surface.attach(None, 0, 0)
            shown.pending = None
        else:
            # A window keeps its content; what was attached before stays attached.
            return
        shown.attached = True

    @precondition(lambda self: self.every())
    @rule(which=PICK, rect=st.tuples(SMALL, SMALL, SMALL, SMALL), in_buffer=st.booleans())
    def damage(self, which: int, rect: tuple[int, int, int, int], in_buffer: bool) -> None:
        surface = self.pick(which).surface
        (surface.damage_buffer if in_buffer else surface.damage)(*rect)

    @precondition(lambda self: self.every())
    @rule(which=PICK, what=st.sampled_from(STATES), n=PICK)
    def set_state(self, which: int, what: str, n: int) -> None:
        """Set one part of the state, to be committed later."""
        shown = self.pick(which)
        client = shown.actor.client
        if what == "turn":
            shown.surface.set_buffer_transform(n % 8)
            shown.surface.set_buffer_scale(1 + (n > 700))
        elif what == "stretch":
            if shown.viewport is None:
                shown.viewport = client.get("wp_viewporter").get_viewport(shown.surface)
            shown.viewport.set_destination(1 + n % 90, 1 + n % 70)
        elif what == "feedback":
            client.get("wp_presentation").feedback(shown.surface)
        elif what == "frame":
            shown.callbacks.append(shown.surface.frame())
        elif what in ("barrier", "wait"):
            if shown.fifo is None:
                shown.fifo = client.get("wp_fifo_manager_v1").get_fifo(shown.surface)
            (shown.fifo.set_barrier if what == "barrier" else shown.fifo.wait_barrier)()
        elif what == "time":
            if shown.timer is None:
                shown.timer = client.get("wp_commit_timing_manager_v1").get_timer(shown.surface)
            if not shown.has_time:
                shown.has_time = True
                seconds, nanoseconds = divmod(self.stage.clock.now_ns() + n * 200_000, 1_000_000_000)
                shown.timer.set_timestamp(seconds >> 32, seconds & 0xFFFF_FFFF, nanoseconds)
        else:
            region = client.get("wl_compositor").create_region()
            region.add(n % 40 - 10, n % 30 - 10, 20, 20)
            (shown.surface.set_opaque_region if what == "opaque" else shown.surface.set_input_region)(region)
            region.destroy()

    @precondition(lambda self: self.every())
    @rule(which=PICK)
    def commit(self, which: int) -> None:
        self.apply(self.pick(which))

    @precondition(lambda self: self.every())
    @rule(which=PICK, buffer=PICK, again=st.booleans())
    def draw(self, which: int, buffer: int, again: bool = False) -> None:
        """Attach, damage, ask for a callback and commit, as most clients do, and some before the answer."""
        shown = self.pick(which)
        usable = [held for held in shown.actor.buffers if not held.destroyed]
        self.present(shown, usable[buffer % len(usable)])
        # Of one that the compositor has, a release of its former use could still be on its way.
        free = [held for held in usable if not held.busy]
        if again and free:
            self.present(shown, free[buffer % len(free)])

    @precondition(lambda self: self.every())
    @rule(which=PICK, buffer=PICK)
    def draw_up_to_the_window(self, which: int, buffer: int) -> None:
        """Draw a surface and commit everything above it, so that it shows."""
        self.draw(which, buffer)
        above = self.pick(which).parent
        while above is not None:
            # What was drawn may give back a buffer that is attached above: hear of it before it is committed.
            self.stage.settle()
            self.apply(above)
            above = above.parent

    # The tree

    @precondition(lambda self: any(s.role for s in self.every()))
    @rule(which=PICK, what=st.sampled_from(["move", "sync", "desync", "above", "below"]), n=PICK)
    def rearrange(self, which: int, what: str, n: int) -> None:
        children = [s for s in self.every() if s.role]
        child = children[which % len(children)]
        assert child.role is not None
        if what == "move":
            child.role.set_position(n % 70 - 20, n % 50 - 20)
        elif what == "sync":
            child.role.set_sync()
        elif what == "desync":
            child.role.set_desync()
        elif child.parent is not None:
            family = [s for s in children if s.parent is child.parent and s is not child]
            sibling = [*family, child.parent][n % (len(family) + 1)].surface
            (child.role.place_above if what == "above" else child.role.place_below)(sibling)

    # Ends

    @precondition(lambda self: self.actors)
    @rule(what=st.sampled_from(["role", "surface", "drawn", "buffer", "client"]), who=PICK, which=PICK)
    def end(self, what: str, who: int, which: int) -> None:
        """Something is destroyed, or a client hangs up."""
        actor = self.actors[who % len(self.actors)]
        children = [s for s in actor.surfaces if s.role is not None]
        buffers = [held for held in actor.buffers if not held.destroyed]
        if what == "role" and children:
            child = children[which % len(children)]
            assert child.role is not None
            child.role.destroy()
            child.role = child.parent = None
            child.had_role = False
        elif what == "surface" and actor.surfaces:
            self.end_surface(actor.surfaces[which % len(actor.surfaces)])
        elif what == "drawn" and children:
            # What it drew last may still wait for its parent.
            child = children[which % len(children)]
            self.present(child, buffers[which % len(buffers)])
            self.end_surface(child)
        elif what == "buffer" and len(buffers) > 2:
            held = buffers[which % len(buffers)]
            held.buffer.proxy.destroy()
            held.destroyed = True
        elif what == "client" and len(self.actors) > 2:
            self.actors.remove(actor)
            actor.client.flush()
            self.stage.clients.remove(actor.client)
            actor.client.close()

    def end_surface(self, shown: Shown) -> None:
        if shown.window is not None:
            shown.window.toplevel.destroy()
            shown.window.xdg_surface.destroy()
        shown.surface.destroy()
        shown.actor.surfaces.remove(shown)
        self.lost += shown.callbacks
        for other in shown.actor.surfaces:
            if other.parent is shown:
                other.parent = None

    # Time, windows and outputs

    @rule(what=st.sampled_from([1, 17, 17, 34, 1100, "move", "hide", "back", "output", "look"]), n=PICK)
    def world_turns(self, what: int | str, n: int) -> None:
        """Time passes, or somebody does something with windows and outputs."""
        stage = self.stage
        if isinstance(what, int):
            stage.advance(what)
        elif what == "look":
            stage.capture()
        elif what == "output":
            backend = stage.server.backend
            if len(stage.desktop.outputs) < 2:
                backend.add_output(Output(backend.next_name(), 100, 90, scale=1.5))
            else:
                backend.remove_output(stage.desktop.outputs[0])
        elif mapped := [window for window in stage.desktop.windows if window.mapped]:
            window = mapped[n % len(mapped)]
            if what == "move":
                window.move_to(n % 500 - 90, n % 300 - 50)
            else:
                window.set_minimized(what == "hide")

    # What must hold

    @invariant()
    def nothing_contradicts_itself(self) -> None:
        self.stage.settle()
        assert [] == self.stage.errors
        assert 0 == self.stage.bugs + self.stage.server.display.bugs
        self.stage.check()
        for actor in self.actors:
            self.check_releases(actor)
            self.check_callbacks(actor)

    def check_releases(self, actor: Actor) -> None:
        """A buffer is released when nothing holds it, and not before."""
        resources = actor.connection.resources()
        models = {r.oid: r.buffer for r in resources if isinstance(r, WlBuffer)}
        # Shown, or to be shown, with pixels that are still only in the client's buffer.
        unread = {
            state.content.source
            for surface in (r.surface for r in resources if isinstance(r, WlSurface))
            for state in (surface, surface.cached, *surface.queued)
            if state is not None and isinstance(state.content, CopiedContent)
        }
        for held in actor.buffers:
            if not held.destroyed:
                model = models[held.buffer.id]
                if isinstance(model, CopiedBuffer):
                    # Given back when it has been copied, and at the latest when nobody shows it.
                    assert model.locks or not model.owed
                    assert held.busy or model not in unread, f"{held.buffer.proxy!r} was not copied yet"
                    locked = model.owed
                else:
                    locked = model.locks > 0
                assert held.busy == locked, held.buffer.proxy

    def check_callbacks(self, actor: Actor) -> None:
        """A callback that was not answered waits somewhere."""
        surfaces = [r.surface for r in actor.connection.resources() if isinstance(r, WlSurface)]
        waiting = {
            callback.oid  # type: ignore[attr-defined]
            for surface in surfaces
            for state in (surface, surface.pending, surface.cached, *surface.queued)
            if state is not None
            for callback in state.callbacks
        }
        asked = {c.id for shown in actor.surfaces for c in shown.callbacks if not c.dead}
        assert asked == waiting

    def finish(self) -> None:
        for shown in self.every():
            if shown.role is not None:
                shown.role.set_desync()
        for shown in self.every():
            if shown.attached and shown.pending is not None:
                shown.pending.busy = True
            shown.attached, shown.pending = False, None
            shown.surface.commit()
        for _ in range(40):
            self.stage.advance(300)
        for shown in self.every():
            assert [1] * len(shown.callbacks) == [c.count("done") for c in shown.callbacks]
        assert [] == [c for c in self.lost if c.count("done") > 1]


Surfaces.TestCase.settings = MACHINE_SETTINGS
TestSurfaces = Surfaces.TestCase
