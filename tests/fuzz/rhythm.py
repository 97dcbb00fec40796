"""Steps of clients that draw with every frame, and of frames that are nearly like every other.

Who draws for as long as it takes to be in step is read when its frame is due (`compositor.cadence`), and
frames that are like the last one are made in one go (`compositor.express`): neither is reached by chance.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from fuzz.script import Step


def steps(
    chance: Random,
    before: list[Step],
    who: int,
    surfaces: int,
    buffers: int,
    change: Callable[[list[Step]], None],
) -> list[Step]:
    """Return steps to be inserted.

    Args:
        chance: decides.
        before: what has happened by then.
        who: client that may begin to draw; it has made so many surfaces and buffers.
        change: changes an argument of a step somewhere in a list.
    """
    drawing = [step for step in before if step.what == "draw"]
    if not drawing or chance.random() < 0.3:
        return _draw(chance, who, surfaces, buffers)
    return _depart(chance, drawing[-1], change)


def _advance(ms: int) -> Step:
    return Step(-1, "advance", arguments=(str(ms),))


def _draw(chance: Random, who: int, surfaces: int, buffers: int) -> list[Step]:
    """Have a client draw with every frame, for longer than it takes to be in step."""
    surface = chance.randrange(max(1, surfaces))
    words = [chance.randrange(max(1, buffers)) for _ in range(chance.choice((1, 2, 2, 3)))]
    step = Step(who, "draw", arguments=tuple(map(str, (surface, *words))))
    return [step, _advance(chance.choice((17, 160, 200, 300, 1000)))]


def _depart(chance: Random, drawing: Step, change: Callable[[list[Step]], None]) -> list[Step]:
    """Return a frame that is like every other, or nearly, of who draws them."""
    who = drawing.who
    surface = int(drawing.arguments[0]) if drawing.arguments and drawing.arguments[0].isdigit() else 0
    buffer = chance.randrange(6)
    frame = [
        Step(who, "wl_surface.attach", surface, arguments=(f"wl_buffer:{buffer}", "0", "0")),
        Step(who, "wl_surface.damage_buffer", surface, arguments=("0", "0", "400", "400")),
        Step(who, "wl_surface.frame", surface),
        Step(who, "wl_surface.commit", surface),
    ]
    at = chance.randrange(len(frame))
    match chance.randrange(8):
        case 0:
            del frame[at]
        case 1:
            frame.insert(at, frame[chance.randrange(len(frame))])
        case 2:
            frame[at] = frame[at]._replace(index=chance.randrange(4))
        case 3:
            other = chance.randrange(len(frame))
            frame[at], frame[other] = frame[other], frame[at]
        case 4 | 5:
            change(frame)
        case 6:
            oid = chance.choice((0, 1, 2, 3, 4, 7, 12, 13, 14, 100, 0xFF00_0000, 2**32 - 1))
            frame[2] = frame[2]._replace(arguments=(f"#{oid}",))
    new = [Step(who, "rest"), *frame, _advance(17)]
    if chance.random() < 0.8:
        # The frame that is under way is shown first, so that this one is read by itself.
        new.insert(1, _advance(17))
    if chance.random() < 0.5:
        new.insert(0, _advance(200))
    return new + [drawing] * (chance.random() < 0.7)
