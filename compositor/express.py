"""Express: a frame that is like the one before, made in one go.

What most frames of most programs are: one surface commits another buffer of the same shape, with damage and
a frame callback, and nobody else has anything to show or to be told. On the way through all floors such a
frame is thirty functions, each of which has left the caches since the last one. Here it is one, and drawing
where something has to be drawn. The same for those whose memory cannot be sealed, and comes anew with every
frame: that is sixty. Whatever is not exactly as the last frame left it goes the general way, which
does the same: a test holds the two against each other.

Wiring of the server. It may only be used for a client that is read when its frame is due, see `cadence`:
between its commit and its frame, nobody else gets a say.
"""

from __future__ import annotations

from heapq import heappop
from typing import TYPE_CHECKING, Any

from compositor.calls import NOTHING, now_ns, wait, wait_either
from compositor.geometry import make_rect
from compositor.memory import Pool
from compositor.model.content import Content
from compositor.model.damage import add_straight
from compositor.model.output import EXPECTED
from compositor.protocol.frame_rows import ATTACH, COMMIT, DAMAGE, FRAME
from compositor.protocol.shm_copy import CopiedContent
from compositor.protocol.shm_exchange import exchange
from compositor.protocol.wl_shm import WlBuffer
from compositor.wire.ordinary import DELETE_ID, DONE, RELEASE
from compositor.words import ROW, Rows, put2, put6

if TYPE_CHECKING:
    from compositor.backend.headless import HeadlessBackend, Pace
    from compositor.backend.screen import Screen
    from compositor.loop import Loop
    from compositor.model.formats import PixelFormat
    from compositor.model.output import Output
    from compositor.model.output_scene import OutputScene
    from compositor.model.scene import Scene
    from compositor.model.surface import Surface
    from compositor.wire import Client


# Numbers of the compiler's own, where there is one: no object is made to compare one with what was read.
_BYTES: int = ROW.size
_WITH_POOL: int = 2 * _BYTES
"""Of a frame whose buffer is new: what it replaces is destroyed, and a pool of one buffer comes and goes."""
_ATTACH: int = ATTACH
_DAMAGE: int = DAMAGE
_FRAME: int = FRAME
_COMMIT: int = COMMIT
_RELEASE: int = RELEASE
_DONE: int = DONE
_DELETE_ID: int = DELETE_ID
_WORD = 0xFFFF_FFFF
_NOTHING: int = NOTHING


class Express:
    """The frames of one client that has one surface to show on one output.

    Args:
        backend: makes the frames of `output` the general way.
        surface: of `client`, as it is shown: by one node, pixel for pixel.
        before: what was there for the frame before this one, or None.

    Attributes:
        generation: of the scene that it was made for.
    """

    __slots__ = (
        "_backend",
        "_client",
        "_descriptor",
        "_display",
        "_entry",
        "_format",
        "_format_code",
        "_in_place",
        "_line",
        "_most",
        "_nodes",
        "_oid",
        "_output",
        "_placed",
        "_resource",
        "_rows",
        "_scene",
        "_screen",
        "_shown",
        "_surface",
        "generation",
    )

    def __init__(
        self,
        backend: HeadlessBackend,
        entry: OutputScene,
        client: Client,
        surface: Surface,
        before: Express | None,
    ) -> None:
        self._backend = backend
        self._scene: Scene = backend.desktop.scene
        self._output: Output = entry.output
        self._screen: Screen = backend.screens[entry.output]
        self._entry = entry
        self._nodes = entry.nodes
        self._surface = surface
        self.generation = self._scene.generation
        # A commit makes a window as large as what stands in it: there must have been one since that changed.
        self._in_place = before is not None and before.generation == self.generation
        self._placed = surface.nodes
        self._client = client
        self._resource: Any = surface.resource
        self._oid: int = surface.resource.oid
        self._shown: WlBuffer | None = None
        content: Any = surface.content
        self._format: PixelFormat = content.format
        self._format_code: int = self._format.code
        # What is asked for in each frame is kept at hand.
        self._display = client.display
        self._line = client.line
        self._descriptor = client.fileno()
        self._rows = Rows(client.display.receive_buffer)
        self._most = client.display.limits.message_budget_bytes

    @classmethod
    def for_waiting(
        cls, backend: HeadlessBackend, output: Output, client: Client, before: Express | None
    ) -> Express | None:
        """Return one for the surface that waits for the frame, if it is the only one and fits.

        `before` is what this returned for the last frame.
        """
        scene = backend.desktop.scene
        if len(scene.waiting) != 1:
            return None
        (surface,) = scene.waiting
        resource = surface.resource
        if (
            surface.client is not client
            or resource is None
            or resource.version < 4
            or len(surface.nodes) != 1
            or type(surface.content) not in (Content, CopiedContent)
        ):
            return None
        entry, _, straight = surface.nodes[0]
        if entry.output is not output or not straight:
            return None
        return cls(backend, entry, client, surface, before)

    def ride(self, loop: Loop, pace: Pace, descriptor: int) -> int:
        """Sleep and make frames for as long as nothing else happens: turns of the loop, without the loop.

        Args:
            pace: of the output; its next frame is what is waited for.
            descriptor: can be read once something else has happened.

        Returns:
            How many frames were made. There may be some left to do, and there is a frame to wait for.
        """
        timers = loop.timers
        heap = timers.heap
        if not heap or heap[0][2] is not pace.timer:
            return 0
        deadline: int = heappop(heap)[0]
        period: int = self._output.refresh_ns
        client = self._client
        leaving: list[Any] = self._display.leaving
        made = woken = 0
        try:
            while not heap or heap[0][0] > deadline:
                left = deadline - now_ns()
                ready = wait_either(descriptor, self._descriptor if leaving else -1, left if left > 0 else 0)
                if ready & 1:
                    break
                now = now_ns()
                if not ready and now < deadline:
                    # A signal, which tells by a descriptor.
                    continue
                woken += 1
                while leaving:
                    # The client has drawn, or it is high time; see `Cadence.due`.
                    one = leaving.pop()
                    if type(one) is Pool:
                        # `Pool.close`.
                        pool: Any = one
                        pool.mapping = None
                        file: Any = pool._file
                        file.close()
                    else:
                        one.close()
                if ready:
                    continue
                due, deadline = deadline, deadline + period
                if deadline < now:
                    deadline = now
                if not self.frame(now):
                    deadline = due
                    break
                made += 1
                if client.dirty:
                    break
        finally:
            loop.wakeups += woken
            pace.wait_for(deadline)
        return made

    def frame(self, now_ns: int) -> bool:
        """Make the frame that is due at `now_ns`; False if it has to go the general way.

        Then nothing has been done; what was read waits in the client, to be dispatched.
        """
        client, surface, scene = self._client, self._surface, self._scene
        entry, output = self._entry, self._output
        resource, child, line = self._resource, surface.subsurface, self._line
        pending: Any = surface.pending
        parent: Any = None if child is None else child.parent
        copied = type(surface.content) is CopiedContent
        # Is everything as the last frame left it? What `Surface.flip` asks, and what makes a frame more
        # than that.
        if (
            output.redraw is not EXPECTED
            or surface.nodes is not self._placed
            or entry.nodes is not self._nodes
            or entry.damage
            or scene.unsettled
            or scene.on_presented
            or (scene.pacing is not None and scene.pacing.barriers)
            or output.on_damage
            or not output.powered
            or self._backend.on_frame
            or client.dirty
            or client.backlog
            or client.out_fds
            or client.partial
            or not (copied or type(surface.content) is Content)
            or surface.callbacks
            or pending.fields
            or surface.cached is not None
            or surface.queued
            or surface.on_commit
            or surface.awaited
            or ((surface.children_above or surface.children_below) and not self._in_place)
            or surface.changes is not None
            or surface.scale != 1
            or surface.source is not None
            or surface.resource is not resource
            or resource.before_attach is not None
        ):
            return False
        if child is None:
            if not surface.steady:
                return False
        elif (
            child.sync
            # Whether those further up are synchronized is for them to say.
            or parent is None
            or parent.subsurface is not None
            or surface.role is not child
            or resource.before_commit is not None
        ):
            return False
        # The compiled module has types for these names, so what they stand for was looked at before.
        old: Any = surface.content
        try:
            count = line.receive(0, self._most)
        except OSError as error:
            client.not_received(error)
            return False
        if count < 0:
            client.more = False
            return False
        if count != _BYTES or line.lone != _NOTHING:
            if (
                copied
                and count == _WITH_POOL
                and 0 <= line.lone < self._display.descriptor_ceiling
                and self._frame_with_pool(now_ns, line.lone)
            ):
                return True
            count = client.received(count, line.ancillary, line.flags)
            if count:
                client.put_off(count)
            return False
        client.more = False
        client.beats += 1
        o0, h0, attached, x, y, o1, h1, left, top, width, height, o2, h2, callback, o3, h3 = self._rows.row(0)
        objects = client.objects
        if (
            not copied
            and o0 == o1 == o2 == o3 == self._oid
            and h0 == _ATTACH
            and h1 == _DAMAGE
            and h2 == _FRAME
            and h3 == _COMMIT
            and not x
            and not y
            and width > 0
            and height > 0
            and attached < len(objects)
            and type(objects[attached]) is WlBuffer
            and 0 < callback < len(objects)
            and objects[callback] is None
        ):
            shown: Any = objects[attached]
            held = shown.buffer
            if type(held.content) is not Content:
                client.put_off(count)
                return False
            content: Any = held.content
            if content is old or (
                content.width == old.width and content.height == old.height and content.format is old.format
            ):
                held.locks += 1
                previous, surface.buffer = surface.buffer, held
                surface.content = content
                node = self._placed[0][1]
                node.content = content
                client.messages += 4
                before, self._shown = self._shown, shown
                told = 0
                if before is not None and before.buffer is previous and previous.resource is not None:
                    previous.locks -= 1
                    if not previous.locks:
                        told = before.oid
                elif previous is not None:
                    # The first one, or its buffer is gone.
                    previous.unlock()
                self._finish(left, top, width, height, callback, told, now_ns)
                return True
        client.put_off(count)
        return False

    def _finish(
        self, left: int, top: int, width: int, height: int, callback: int, told: int, now_ns: int
    ) -> None:
        """Draw what was committed, if it has to be drawn, and tell the client.

        Args:
            left, top, width, height: what differs from the frame before, pixels of the buffer.
            callback: id of the frame callback.
            told: id of the buffer that the client may draw into again; 0 for none.
        """
        client, scene, entry, output, screen = (
            self._client,
            self._scene,
            self._entry,
            self._output,
            self._screen,
        )
        failure: Exception | None = None
        # Is it no work at all, since everything waits for who looks, if ever anybody does?
        if screen.stale is entry.whole and not screen.viewers and screen.on_demand:
            screen.deferred += 1
        elif (
            screen.stale is entry.whole
            and not screen.viewers
            and screen.scans_out
            and screen.decided_at == scene.generation
        ):
            screen.scanned_out += 1
        else:
            node = self._placed[0][1]
            add_straight(entry, ((left, top, width, height),), node.dst)
            # The damage has asked for a frame: this one.
            output.redraw = EXPECTED
            try:
                screen.frame(entry)
            except Exception as error:
                # It counts as shown, and the next one draws all, as in `HeadlessBackend.make_frame`.
                failure = error
                entry.damage = [entry.rect]
        output.frames += 1
        output.last_frame_ns = now_ns
        out, line = client.out, self._line
        if told:
            put2(out, told, _RELEASE)
        put6(out, callback, _DONE, now_ns // 1_000_000 & _WORD, 1, _DELETE_ID, callback)
        if not client.dirty:
            try:
                sent = line.send(out)
            except OSError:
                # The end of the turn tries again, and knows what to do about it.
                sent = 0
            if sent == len(out):
                out.clear()
            else:
                del out[:sent]
                self._tell_later()
        if failure is not None:
            raise failure

    def _frame_with_pool(self, now_ns: int, fd: int) -> bool:
        """Make the frame that was read if it brings a new buffer of a pool that nobody else is in.

        Args:
            fd: the one descriptor that came with it.

        Returns:
            False, with nothing done, if it has to go the general way. Else `fd` is taken.
        """
        client, surface, rows = self._client, self._surface, self._rows
        objects = client.objects
        o0, h0, attached, x, y, o1, h1, left, top, width, height, o2, h2, callback, o3, h3 = rows.row(_BYTES)
        content: Any = surface.content
        if (
            not o0 == o1 == o2 == o3 == self._oid
            or h0 != _ATTACH
            or h1 != _DAMAGE
            or h2 != _FRAME
            or h3 != _COMMIT
            or x
            or y
            or width <= 0
            or height <= 0
            or not 0 < callback < len(objects)
            or objects[callback] is not None
            or content.format is not self._format
            # What has come is all: else there may be something about this frame.
            or wait(self._descriptor, 0)
        ):
            return False
        shown: Any = exchange(client, rows, content, self._format_code, attached, callback, fd)
        if shown is None:
            return False
        client.more = False
        client.messages += 4
        held: Any = shown.buffer
        # What `CopiedContent.replace` does, and `CopiedBuffer.is_owed`.
        before: Any = content.source
        content.source = held
        if not content.outdated:
            content.note([make_rect((left, top, width, height))])
        previous, surface.buffer = surface.buffer, held
        told = 0
        if before is not None:
            before._content = None
            if before.owed:
                before.owed = False
                resource: Any = before.resource
                if resource is not None:
                    told = resource.oid
        if before is not None and previous is before:
            # It has come back, which is all that `unlock` would see to.
            previous.locks -= 1
        elif previous is not None:
            previous.unlock()
        self._shown = shown
        self._finish(left, top, width, height, callback, told, now_ns)
        return True

    def _tell_later(self) -> None:
        """Have sent with the end of the turn what the client has yet to be told."""
        client = self._client
        if not client.dirty:
            client.dirty = True
            client.display.dirty.append(client)
