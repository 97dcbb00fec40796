"""What must hold of a compositor, whatever the clients of a script do (`fuzz.acts`): the oracle.

What may not happen: an exception that is logged as a bug, any error in the log, an event that breaks the
protocol, a state that contradicts itself, an honest client without an answer or a frame, a client that nobody
listens to any more, a frame callback that is lost, a picture that is another one when drawn anew, and a
descriptor, a mapping or an object that is left when those who had it are gone.
"""

from __future__ import annotations

import functools
import gc
import logging
import os
from collections import Counter
from typing import Any

import numpy as np
from fuzz.acts import Acts
from fuzz.events import Finding, Thing
from fuzz.grammar import tables
from fuzz.peer import Peer
from fuzz.script import CLIENTS, Step, parse

from compositor.control import registry
from compositor.geometry import Rect, Region
from compositor.wire import Client

_SLOWEST_NS = 1_000_000_000
"""From one frame to the next of an output that has to have shown one before the judge looks."""
_TWO_FRAMES_MS = 34


class World(Acts):
    """One compositor, all that happens to it, and what must hold then.

    Args:
        words: the script's options.
    """

    def __init__(self, words: tuple[str, ...] = ()) -> None:
        super().__init__(words)
        self._acked = self.honest.made["xdg_surface"][0].serial
        self._before = _open()

    def count_anew(self) -> None:
        """Take what is open now for what there is before anything happens."""
        self._before = _open()

    def judge(self) -> None:
        """Look for what may not be, first with everybody there, then with none but the honest client.

        Raises:
            Finding: the first thing that is found.
        """
        self._look("with everybody there")
        for peer in self.peers.values():
            peer.close()
        self.served.clear()
        self.stage.pump()
        self._look("with everybody gone")
        self._nothing_left()

    def _look(self, when: str) -> None:
        self._faults(when)
        # Before anything else is drawn.
        self._shows_all(when)
        asked = self._ask_all()
        self.advance(_TWO_FRAMES_MS)
        self._hears_all(when, asked, _TWO_FRAMES_MS * 500_000)
        for peer in self.peers.values():
            peer.drawing = None
        self._serves_honest(when)
        self._check(when)
        self._hears_all(when, asked, _SLOWEST_NS)
        self._knows_all(when, asked)
        self._faults(when)

    def _check(self, when: str) -> None:
        try:
            self.stage.check()
        except AssertionError as error:
            raise Finding(f"{when}: {error}") from error

    def _ask_all(self) -> list[tuple[Peer, Thing]]:
        """Have everybody who knows its objects ask for an answer."""
        question = Step(0, "wl_display.sync")
        return [
            (peer, peer.made["wl_callback"][-1])
            for peer in self.peers.values()
            if peer.strict and not peer.deaf and peer.send(question)
        ]

    def _hears_all(self, when: str, asked: list[tuple[Peer, Thing]], slowest_ns: int) -> None:
        """Everybody was answered, as far as no output is slower than this."""
        if any(output.refresh_ns > slowest_ns for output in self.stage.desktop.outputs):
            return
        if any(not callback.dead and peer.strict and not peer.closed for peer, callback in asked):
            raise Finding(f"{when}: a client that asks has no answer: nobody listens to it")

    def _knows_all(self, when: str, asked: list[tuple[Peer, Thing]]) -> None:
        """Everybody has those callbacks that the compositor knows of."""
        for peer, callback in asked:
            if peer.closed or not peer.strict or not callback.dead:
                continue
            known = {r.oid for r in self.served[peer].resources() if r.NAME == "wl_callback"}
            wants = {
                oid
                for oid, thing in peer.objects.items()
                if thing.table.name == "wl_callback" and not thing.gone and not thing.dead
            }
            if known != wants:
                raise Finding(f"{when}: callbacks {sorted(wants)} are wanted, {sorted(known)} are known")

    def _shows_all(self, when: str) -> None:
        """The picture is the same when drawn from nothing."""
        scene, screens = self.stage.scene, self.stage.server.backend.screens
        if not self.in_step or not self.repainted:
            return
        for index, output in enumerate(self.stage.desktop.outputs):
            before = self.stage.capture(index)
            scene.invalidate()
            scene.update()
            screens[output].stale = Region.from_rect(Rect(0, 0, *output.pixel_size))
            if not np.array_equal(before, self.stage.capture(index)):
                raise Finding(f"{when}: {output.name} shows something else when it is drawn anew")

    def _faults(self, when: str) -> None:
        if self.log.records:
            raise Finding(f"{when}, logged as an error:\n" + "\n".join(self.log.records))
        bugs = self.stage.bugs + self.stage.server.display.bugs
        if bugs:
            raise Finding(f"{when}: {bugs} bugs")

    def _serves_honest(self, when: str) -> None:
        honest = self.honest
        dones = honest.dones
        honest.send(Step(0, "wl_display.sync"))
        honest.turn()
        if honest.closed:
            raise Finding(f"{when}: the honest client lost its connection: {honest.error}")
        if honest.dones != dones + 1:
            raise Finding(f"{when}: the honest client's sync has {honest.dones - dones} answers")
        configured = honest.made["xdg_surface"][0].serial
        if configured != self._acked:
            self._acked = configured
            honest.send(Step(0, "xdg_surface.ack_configure", arguments=(str(configured),)))
        honest.send(Step(0, "wl_surface.frame"))
        honest.send(Step(0, "wl_surface.attach", arguments=("wl_buffer:0", "0", "0")))
        honest.send(Step(0, "wl_surface.damage_buffer", arguments=("0", "0", "60", "40")))
        honest.send(Step(0, "wl_surface.commit"))
        self.stage.advance(1100)
        if honest.dones != dones + 2:
            raise Finding(f"{when}: the honest client has no frame: {honest.error}")
        if self.stage.desktop.outputs:
            self.stage.capture()

    def _nothing_left(self) -> None:
        desktop, display = self.stage.desktop, self.stage.server.display
        if len(display.clients) != 1:
            raise Finding(f"clients that hung up are still there: {display.clients}")
        if len(desktop.windows) != 1:
            raise Finding(f"windows of clients that are gone: {desktop.windows}")
        gc.collect()
        mine = display.clients[0]
        clients = (thing for thing in gc.get_objects() if type(thing) is Client)
        left = [client for client in clients if client.display is display and client is not mine]
        if left:
            raise Finding(f"{len(left)} clients that are gone are still kept:\n{_holders(left[0])}")
        grown = _open() - self._before
        if grown:
            raise Finding(f"left open: {dict(grown)}")

    def close(self) -> None:
        """End the compositor.

        Raises:
            Finding: if it complains.
        """
        try:
            self.end()
            self._faults("at the end")
        finally:
            self.clear()


def _open() -> Counter[str]:
    """Return what is open in this process, and its mappings of memfds."""
    found: Counter[str] = Counter()
    for name in os.listdir("/proc/self/fd"):
        try:
            found[os.readlink(f"/proc/self/fd/{name}").split("[")[0]] += 1
        except FileNotFoundError:
            pass
    with open("/proc/self/maps") as maps:
        for line in maps:
            if "memfd:" in line:
                found["mapping of " + line.split("/", 1)[1].split()[0]] += 1
    # Outputs come and go at the driver's will.
    return Counter({what: count for what, count in found.items() if "weddell-output" not in what})


_ROOTS = {"Desktop", "Display", "Server", "Scene", "Seat", "Loop", "Service", "TimerQueue", "module"}


def _holders(thing: Any, depth: int = 8) -> str:
    """Return by which way something that lives on keeps a thing alive, or who holds it, if none is found."""
    level = [(thing, type(thing).__name__)]
    seen = {id(thing)}
    for _ in range(depth):
        above: list[tuple[Any, str]] = []
        for held, way in level:
            for holder in gc.get_referrers(held):
                name = type(holder).__name__
                if id(holder) in seen or name in ("frame", "list_iterator", "tuple_iterator"):
                    continue
                if holder is level or holder is above or (name == "tuple" and held is holder[0]):
                    continue
                seen.add(id(holder))
                longer = f"{way} <- {name}"
                if name in _ROOTS:
                    return longer
                above.append((holder, longer))
        level = above[:200]
    return "\n".join(way for _, way in level[:10])


def warm_up() -> None:
    """Load what is loaded once, so that each run after it is like every other."""
    tables()
    logging.getLogger("compositor").setLevel(logging.INFO)
    # The methods' signatures are the same for every compositor of this process.
    registry.compile_params = functools.cache(registry.compile_params)
    for _ in range(2):
        play(b'0 wl_display:0.sync\n- pointer.move {"x":5,"y":5}\n- advance 100\n- capture {}\n')
    gc.collect()
    gc.freeze()


def play(data: bytes) -> None:
    """Run a script from its beginning to its end.

    Raises:
        Finding: if something happens that may not.
    """
    steps = parse(data)
    words = steps.pop(0).arguments if steps and steps[0].what == "with" else ()
    world = World(words)
    try:
        world.run(steps)
        world.judge()
    finally:
        world.close()


assert CLIENTS <= 10, "a client is one digit"
