"""Mutations of scripts that know the grammar: what is added is mostly what an honest client could send.

An error ends a client, and with it whatever would have come after; so most numbers are plausible, objects
that a request needs are made before it, and the outrageous is rare but there.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

from fuzz import rhythm
from fuzz.descriptors import KEYMAP_BYTES, KINDS
from fuzz.grammar import Argument, Entry, creators, global_names, reachable, tables
from fuzz.script import CLIENTS, MAX_STEPS, Step, parse, quote, unparse

_EDGES = (
    *(-1, 0, 1, 2**31 - 1, -(2**31), 2**32 - 1, 2**31, 65535, 65536, 32767, 32768, 4095, 4096, 4097),
    *(0xFF000000, 255, 256, 1 << 24),
)
_WORDS = (
    *(
        "",
        "a",
        "title",
        "text/plain",
        "text/plain;charset=utf-8",
        "UTF8_STRING",
        "org.example.app",
        "HEADLESS-1",
    ),
    *("é漢\U0001f600", "\ud800", "x" * 300, "x" * 4095, "image/png", "-", "wl_seat", "../../etc", "a\nb"),
)
_OPTIONS = (
    *("legacy_shell", "lint", "require", "copy", "unprivileged", "small", "always", "wallpaper"),
    *("cadence", "cadence", "cadence"),
)
_MIN_DEPTH = 5


class _Made:
    """How many objects of each interface every client has made by some place in a script."""

    def __init__(self, steps: list[Step]) -> None:
        self.counts: Counter[tuple[int, str]] = Counter()
        for step in steps:
            self.add(step)

    def add(self, step: Step) -> None:
        if not step.interface:
            return
        if step.what == "wl_registry.bind":
            name = step.arguments[0].partition("@")[0] if step.arguments else ""
            if name in tables():
                self.counts[step.who, name] += 1
            return
        table = tables().get(step.interface)
        entry = table.requests.get(step.request) if table else None
        if entry is not None:
            if step.interface in global_names() and not self.counts[step.who, step.interface]:
                self.counts[step.who, step.interface] += 1
            for argument in entry.arguments:
                if argument.kind == "n":
                    self.counts[step.who, argument.interface] += 1

    def __getitem__(self, key: tuple[int, str]) -> int:
        return self.counts[key]


class Mutator:
    """Changes scripts.

    Args:
        seed: of its chance.
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self._ways: list[tuple[int, Callable[[list[Step]], None]]] = [
            (30, self._insert_request),
            (20, self._change_argument),
            (9, self._delete),
            (8, self._repeat),
            (6, self._move),
            (8, self._insert_driver),
            (5, self._insert_time),
            (3, self._insert_doing),
            (7, self._insert_frames),
            (3, self._change_client),
            (3, self._retarget),
            (2, self._change_options),
            (1, self._insert_raw),
            (1, self._force),
        ]

    def mutate(self, data: bytes, max_size: int) -> bytes:
        """Return a changed script of no more than so many bytes."""
        steps = parse(data)
        for _ in range(self.chance.choice((1, 1, 2, 3, 5, 8))):
            ways = [way for _, way in self._ways]
            self.chance.choices(ways, [weight for weight, _ in self._ways])[0](steps)
        return _fit(steps, max_size)

    def cross(self, one: bytes, other: bytes, max_size: int) -> bytes:
        """Return a script with parts of two."""
        first, second = parse(one), parse(other)
        options = [step for step in first[:1] if step.what == "with"]
        match self.chance.randrange(3):
            case 0:
                cut = self.chance.randrange(len(first) + 1)
                steps = first[:cut] + second[self.chance.randrange(len(second) + 1) :]
            case 1:
                # The other one's clients beside these.
                steps = first + [_other_client(step) for step in second]
            case _:
                start = self.chance.randrange(len(second) + 1)
                part = second[start : start + self.chance.randrange(1, 30)]
                place = self.chance.randrange(len(first) + 1)
                steps = first[:place] + part + first[place:]
        return _fit(options + [step for step in steps if step.what != "with"], max_size)

    # Ways to change

    def _place(self, steps: list[Step]) -> int:
        # Late is better than early: there is more to work on.
        return max(self.chance.randrange(len(steps) + 1), self.chance.randrange(len(steps) + 1))

    def _who(self, steps: list[Step]) -> int:
        known = [step.who for step in steps if step.who >= 0]
        if known and self.chance.random() < 0.9:
            return self.chance.choice(known)
        return self.chance.randrange(CLIENTS)

    def _insert_request(self, steps: list[Step]) -> None:
        place = self._place(steps)
        who = self._who(steps)
        made = _Made(steps[:place])
        present = [name for client, name in made.counts if client == who and tables()[name].requests]
        if present and self.chance.random() < 0.7:
            interface = self.chance.choice(present)
        else:
            interface = self.chance.choice(reachable())
        requests = list(tables()[interface].requests.values())
        entry = self.chance.choice(requests)
        if entry.destructor and self.chance.random() < 0.5:
            entry = self.chance.choice(requests)
        new: list[Step] = []
        self._add(new, made, who, interface, entry, _MIN_DEPTH)
        if self.chance.random() < 0.3 and made[who, "wl_surface"]:
            index = self.chance.randrange(made[who, "wl_surface"])
            new.append(Step(who, "wl_surface.commit", index))
        steps[place:place] = new

    def _add(self, new: list[Step], made: _Made, who: int, interface: str, entry: Entry, depth: int) -> None:
        """Add a request, before it what makes the objects that it needs."""
        self._need(new, made, who, interface, depth)
        for argument in entry.arguments:
            if argument.kind == "o" and not argument.nullable and argument.interface:
                self._need(new, made, who, argument.interface, depth)
        count = made[who, interface]
        words = self._arguments(entry, interface, made, who)
        step = Step(who, f"{interface}.{entry.name}", self._index(count), arguments=words)
        new.append(step)
        made.add(step)

    def _need(self, new: list[Step], made: _Made, who: int, interface: str, depth: int) -> None:
        if made[who, interface] or interface in global_names() or depth == 0:
            return
        makers = creators().get(interface, ())
        if makers:
            maker = self.chance.choice(makers)
            entry = tables()[maker.interface].requests[maker.request]
            self._add(new, made, who, maker.interface, entry, depth - 1)

    def _index(self, count: int) -> int:
        if count > 1 and self.chance.random() < 0.5:
            return count - 1
        return self.chance.randrange(count) if count > 1 else 0

    def _arguments(self, entry: Entry, interface: str, made: _Made, who: int) -> tuple[str, ...]:
        chance = self.chance.random()
        if chance < 0.9 and entry.name == "create_pool":
            size = self.chance.choice((4096, 16384, 65536, 262144))
            seals = self.chance.choice(("s", "s", "s", "", "n", "sc", "sw", "sf"))
            return (f"memfd/{size}/{seals}", str(size))
        if chance < 0.9 and entry.name == "create_buffer" and interface == "wl_shm_pool":
            width, height = self.chance.randint(1, 40), self.chance.randint(1, 25)
            return ("0", str(width), str(height), str(4 * width), str(self.chance.randrange(2)))
        if chance < 0.9 and (interface, entry.name) == ("zwp_virtual_keyboard_v1", "keymap"):
            return ("1", "keymap", str(self.chance.choice((KEYMAP_BYTES, KEYMAP_BYTES, 100))))
        if chance < 0.9 and entry.name == "create_listener":
            return ("listen", "pipe")
        if interface == "wl_registry":
            return (self.chance.choice(sorted(global_names())),)
        return tuple(self._value(argument, made, who) for argument in entry.arguments if argument.kind != "n")

    def _value(self, argument: Argument, made: _Made, who: int) -> str:
        match argument.kind:
            case "o":
                if argument.nullable and self.chance.random() < 0.2:
                    return "null"
                interface = argument.interface or self.chance.choice(reachable())
                if self.chance.random() < 0.01:
                    interface = self.chance.choice(reachable())
                return f"{interface}:{self._index(made[who, interface])}"
            case "f":
                return self.chance.choice(
                    ("0", "1.5", str(self.chance.randint(-50, 400)), "-8388608", "8388607.99")
                )
            case "s":
                return quote(self.chance.choice(_WORDS)) if self.chance.random() < 0.97 else "null"
            case "a":
                size = self.chance.choice((0, 4, 4, 8, 32, 768))
                return "x" + self.chance.randbytes(size).hex()
            case "h":
                kind = self.chance.choice(KINDS)
                return f"{kind}/{self._number()}/{self.chance.choice(('', 's', 'sg', 'swg', 'n', 'sS'))}"
            case "N":
                return self.chance.choice(sorted(global_names()))
            case _:
                if "serial" in argument.name and self.chance.random() < 0.9:
                    return self.chance.choice(("s", "s", "s0", "s1", "s2"))
                return str(self._number())

    def _number(self) -> int:
        chance = self.chance.random()
        if chance < 0.45:
            return self.chance.randrange(9)
        if chance < 0.75:
            return self.chance.randint(1, 400)
        if chance < 0.85:
            return self.chance.randint(-100, 4096)
        if chance < 0.9:
            return 1 << self.chance.randrange(32)
        return self.chance.choice(_EDGES)

    def _change_argument(self, steps: list[Step]) -> None:
        places = [k for k, step in enumerate(steps) if step.interface and step.arguments]
        if not places:
            return self._insert_request(steps)
        place = self.chance.choice(places)
        step = steps[place]
        table = tables().get(step.interface)
        entry = table.requests.get(step.request) if table else None
        if entry is None:
            return None
        given = [argument for argument in entry.arguments if argument.kind != "n"]
        words = list(step.arguments)
        if step.what == "wl_registry.bind":
            version = self.chance.choice(("", f"@{self.chance.randrange(8)}", "@4294967295"))
            words[0] = self.chance.choice(sorted(global_names())) + version
        elif given:
            which = self.chance.randrange(len(given))
            words += ["0"] * (which + 1 - len(words))
            words[which] = self._value(given[which], _Made(steps[:place]), step.who)
        steps[place] = step._replace(arguments=tuple(words))
        return None

    def _delete(self, steps: list[Step]) -> None:
        if steps:
            start = self.chance.randrange(len(steps))
            del steps[start : start + self.chance.choice((1, 1, 1, 2, 4, 16))]

    def _repeat(self, steps: list[Step]) -> None:
        if steps:
            start = self.chance.randrange(len(steps))
            part = steps[start : start + self.chance.choice((1, 1, 2, 5, 12))]
            place = self._place(steps)
            steps[place:place] = part * self.chance.choice((1, 1, 1, 2, 6))

    def _move(self, steps: list[Step]) -> None:
        if steps:
            start = self.chance.randrange(len(steps))
            part = steps[start : start + self.chance.choice((1, 1, 2, 5))]
            del steps[start : start + len(part)]
            place = self.chance.randrange(len(steps) + 1)
            steps[place:place] = part

    def _insert_driver(self, steps: list[Step]) -> None:
        r = self.chance.randint
        x, y, on = r(-10, 330), r(-10, 250), self.chance.choice(("true", "false"))
        window, state = r(1, 4), self.chance.choice(("maximized", "fullscreen", "minimized", "resizing"))
        scale = self.chance.choice((1, 1.25, 1.5, 2))
        key = self.chance.choice((1, 15, 28, 29, 30, 42, 56, 103, 125))
        lines = [
            f'pointer.move {{"x":{x},"y":{y}}}',
            f'pointer.move {{"x":{r(0, 60)},"y":{r(0, 60)}}}',
            f'pointer.move_by {{"dx":{r(-30, 30)},"dy":{r(-30, 30)}}}',
            f'pointer.button {{"button":{r(272, 274)},"pressed":{on}}}',
            f'pointer.button {{"button":272,"pressed":{on}}}',
            f'pointer.axis {{"dx":{r(-3, 3)},"dy":{r(-3, 3)}}}',
            f'keyboard.key {{"key":{key},"pressed":{on}}}',
            'keyboard.type {"text":"aB"}',
            f'touch.down {{"id":{r(0, 3)},"x":{x},"y":{y}}}',
            f'touch.move {{"id":{r(0, 3)},"x":{x},"y":{y}}}',
            f'touch.up {{"id":{r(0, 3)}}}',
            "touch.cancel {}",
            f'window.move {{"id":{window},"x":{x},"y":{y}}}',
            f'window.resize {{"id":{window},"width":{r(1, 400)},"height":{r(1, 400)}}}',
            f'window.focus {{"id":{window}}}',
            f'window.close {{"id":{window}}}',
            f'window.set_state {{"id":{window},"{state}":{on}}}',
            f'output.add {{"width":{r(1, 400)},"height":{r(1, 400)},"scale":{scale}}}',
            f'output.remove {{"output":"HEADLESS-{r(1, 3)}"}}',
            f'output.configure {{"output":"HEADLESS-{r(1, 2)}","scale":{scale}}}',
            f'output.configure {{"transform":"{self.chance.choice(("90", "flipped", "normal"))}"}}',
            f'output.configure {{"width":{r(1, 500)},"height":{r(1, 500)}}}',
            "capture {}",
            f'capture {{"window":{window}}}',
            "windows.list {}",
            "clients.list {}",
            "pools.list {}",
            "layers.list {}",
            "outputs.list {}",
            'clipboard.set {"text":"words"}',
        ]
        step = self.chance.choice(lines).split()
        steps.insert(self._place(steps), Step(-1, step[0], arguments=tuple(step[1:])))

    def _insert_time(self, steps: list[Step]) -> None:
        ms = self.chance.choice((0, 1, 16, 17, 17, 17, 34, 200, 1100, 11_000))
        step = Step(-1, "turn") if self.chance.random() < 0.5 else Step(-1, "advance", arguments=(str(ms),))
        steps.insert(self._place(steps), step)

    def _insert_doing(self, steps: list[Step]) -> None:
        words = self.chance.choice(
            (
                ("hangup",),
                ("connect",),
                ("deaf",),
                ("hear",),
                ("rest",),
                ("cut", str(self.chance.randrange(40))),
                ("truncate", str(self.chance.randrange(3)), str(self._number())),
            )
        )
        steps.insert(self._place(steps), Step(self._who(steps), words[0], arguments=words[1:]))

    def _insert_frames(self, steps: list[Step]) -> None:
        place = self._place(steps)
        who = self._who(steps)
        made = _Made(steps[:place])
        counts = made[who, "wl_surface"], made[who, "wl_buffer"]
        steps[place:place] = rhythm.steps(self.chance, steps[:place], who, *counts, self._change_argument)

    def _insert_raw(self, steps: list[Step]) -> None:
        data = self.chance.randbytes(self.chance.choice((1, 4, 8, 12, 30)))
        if self.chance.random() < 0.7:
            size = self.chance.choice((8, 12, 16, 20, 9, 0, 65532))
            oid = self.chance.choice((0, 1, 2, 3, 5, 9, 0xFF000000, 2**32 - 1))
            word = size << 16 | self.chance.randrange(12)
            data = oid.to_bytes(4, "little") + word.to_bytes(4, "little") + data
        steps.insert(self._place(steps), Step(self._who(steps), "raw", arguments=(data.hex(),)))

    def _force(self, steps: list[Step]) -> None:
        places = [k for k, step in enumerate(steps) if step.interface]
        if places:
            place = self.chance.choice(places)
            step = steps[place]
            if self.chance.random() < 0.5:
                steps[place] = step._replace(forced=not step.forced)
            elif step.arguments:
                words = list(step.arguments)
                words[self.chance.randrange(len(words))] = f"#{self._number()}"
                steps[place] = step._replace(arguments=tuple(words))

    def _change_client(self, steps: list[Step]) -> None:
        places = [k for k, step in enumerate(steps) if step.who >= 0]
        if places:
            place = self.chance.choice(places)
            who = self.chance.randrange(CLIENTS)
            for k in range(place, min(len(steps), place + self.chance.choice((1, 1, 4, 20)))):
                if steps[k].who >= 0:
                    steps[k] = steps[k]._replace(who=who)

    def _retarget(self, steps: list[Step]) -> None:
        places = [k for k, step in enumerate(steps) if step.interface]
        if places:
            place = self.chance.choice(places)
            steps[place] = steps[place]._replace(index=self.chance.randrange(5))

    def _change_options(self, steps: list[Step]) -> None:
        if steps and steps[0].what == "with":
            del steps[0]
        if self.chance.random() < 0.7:
            words = tuple(dict.fromkeys(self.chance.sample(_OPTIONS, self.chance.choice((1, 1, 2)))))
            steps.insert(0, Step(-1, "with", arguments=words))


def _other_client(step: Step) -> Step:
    return step if step.who < 0 else step._replace(who=(step.who + 1) % CLIENTS)


def _fit(steps: list[Step], max_size: int) -> bytes:
    """Return a script of no more than so many bytes: what is too much is left out from the middle."""
    while len(data := unparse(steps[:MAX_STEPS])) > max_size:
        middle = len(steps) // 2
        del steps[middle : middle + max(1, len(steps) // 8)]
    return data
