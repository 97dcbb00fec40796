"""``weddell demo``: several programs, resized live, and what became of their memory."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compositor.commands.options import positive
from compositor.commands.progress import Progress
from compositor.commands.tables import print_json, show_bytes, table
from compositor.errors import WeddellError

if TYPE_CHECKING:
    from compositor.testing.application import Application
    from compositor.testing.compositor import Compositor
    from compositor.testing.picture import Image
    from compositor.testing.window import Window

DESCRIPTIONS = {
    "demo": "Show what the compositor is for: programs that draw into shared memory sealed against shrinking "
    "are resized live, all at once. Prints a table of their memory, and writes demo.png and demo.webp."
}
EPILOGS = {
    "demo": """\
examples:
  weddell demo                     about fifteen seconds, nothing is shown
  weddell demo --window            on your desktop
  weddell demo --seal require      the program that cannot seal is refused
  weddell demo --json --directory /tmp
""",
}

WIDTH, HEIGHT = 1600, 900
_MARGIN = 12
_TITLE_BAR = 42
"""With the margin above it."""
_PICTURES_PER_S = 12
_STEPS_PER_S = 60
_LEAST_PICTURES = 12
_LONGEST = 6
"""How many times as long it may take."""
_ANIMATION_WIDTH = 800
_LEFT_BUTTON = 0x110

CELLS = {
    "bubbles": (940, 0, 660, 300),
    "flower": (560, 0, 380, 320),
    "clock": (0, 320, 310, 270),
    "video": (310, 320, 470, 270),
    "textpad": (780, 320, 340, 270),
    "unsealed": (560, 590, 420, 310),
    "resizer": (0, 590, 560, 310),
    "paint": (1120, 300, 480, 600),
    "picture": (0, 0, 560, 320),
}
"""The programs, in the order started, and where each may be: x, y, width and height, layout pixels."""
# These set their own size, or live off not being touched.
_LEFT_ALONE = ("resizer", "unsealed")
_MIN_WINDOWS = 6


@dataclass(slots=True)
class Actor:
    """One program of the demo.

    Attributes:
        name: of the file in the folder of clients.
        cell: x, y, width and height it may cover, layout pixels.
        window: once it is there.
        resizes: how often it was proposed a size.
        sizes: smallest and largest height it had.
        pools: what the compositor says of its memory.
        statistics: what the program says of itself at its end.
    """

    name: str
    cell: tuple[int, int, int, int]
    application: Application
    window: Window | None = None
    resizes: int = 0
    pools: list[dict[str, Any]] | None = None
    statistics: dict[str, Any] | None = None
    problem: str = ""


def declare(name: str, parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add = parser.add_argument
    add("--seconds", type=positive, default=8.0, metavar="S", help="how long to resize (default: 8)")
    add("--window", action="store_true", help="show it in a window on your desktop")
    add("--seal", choices=("adopt", "require", "copy"), default="adopt", help="as for weddell run")
    add("--renderer", choices=("auto", "cpu", "gl"), default="auto", help="as for weddell run")
    add("--directory", type=Path, default=Path(), metavar="DIR", help="where the pictures go (default: here)")
    add("--json", action="store_true", help="print JSON instead of the table")


def execute(name: str, options: argparse.Namespace) -> int:
    """Play it."""
    if not options.directory.is_dir():
        raise WeddellError(f"--directory {options.directory}: there is no such folder")
    from compositor.testing.compositor import Compositor

    progress = Progress()
    progress.say("starting the compositor")
    with Compositor(
        outputs=[f"{WIDTH}x{HEIGHT}"],
        headed=options.window,
        seal=options.seal,
        renderer=options.renderer,
        wallpaper=True,
        timeout_s=20,
    ) as compositor:
        actors = _start(compositor, progress)
        shown = [actor for actor in actors if actor.window is not None]
        _use(compositor, {actor.name: actor.window for actor in shown if actor.window is not None})
        best, animation = _play(compositor, shown, options.seconds, progress)
        _account(compositor, actors)
        progress.say("ending the programs")
        for actor in actors:
            _end(actor)
    progress.say("writing the pictures")
    from compositor.testing.picture import save

    picture, moving = options.directory / "demo.png", options.directory / "demo.webp"
    save(best.image, picture)
    animation.save(moving)
    progress.end()
    _report(actors, options, best, [picture, moving])
    return 0 if len(shown) >= _MIN_WINDOWS and len(shown) >= len(actors) - (options.seal == "require") else 1


def _start(compositor: Compositor, progress: Progress) -> list[Actor]:
    from compositor.locate import clients_dir

    folder = clients_dir()
    actors: list[Actor] = []
    for name, cell in CELLS.items():
        width, height = _room(cell)
        argv = [sys.executable, str(folder / f"{name}.py"), "--size", f"{width}x{height}", "--json"]
        actors.append(Actor(name, cell, compositor.launch(argv)))
    for number, actor in enumerate(actors):
        progress.say(f"starting {len(actors)} programs", number / len(actors))
        try:
            actor.window = actor.application.window()
            actor.window.move(actor.cell[0] + _MARGIN, actor.cell[1] + _TITLE_BAR)
        except WeddellError as error:
            actor.problem = str(error)
    return actors


def _use(compositor: Compositor, windows: dict[str, Window]) -> None:
    """Type and paint a little, as somebody would: what is there has to outlive the resizing."""
    if "textpad" in windows:
        windows["textpad"].press("ctrl+a")
        windows["textpad"].type("Ice, a seal\nand shared memory.\n\nResize me: I wrap.")
    if "paint" not in windows:
        return
    x, y, _, _ = windows["paint"].geometry

    def stroke(ink: int, points: list[tuple[float, float]]) -> None:
        windows["paint"].click(28, 32 + 34 * ink)
        for number, point in enumerate(points):
            compositor.call("pointer.move", x=x + point[0], y=y + point[1])
            if number == 0:
                compositor.call("pointer.button", button=_LEFT_BUTTON, pressed=True)
        compositor.call("pointer.button", button=_LEFT_BUTTON, pressed=False)

    turns = [step / 24 for step in range(25)]
    stroke(3, [(155 + 38 * math.cos(math.tau * t), 105 + 38 * math.sin(math.tau * t)) for t in turns])
    for ink, top in ((4, 190), (5, 230), (1, 270), (2, 310)):
        stroke(ink, [(80 + 150 * t, top + 14 * math.sin(math.tau * 1.5 * t + top)) for t in turns])
    windows["paint"].hover(160, 320)


@dataclass(slots=True)
class Moment:
    """A picture, how many windows had not yet drawn the size they were proposed, and their pixels in all."""

    image: Image
    resizing: int
    pixels: int = 0

    @property
    def worth(self) -> tuple[int, int]:
        """The more the better: first that things move, then that they fill the screen."""
        return min(self.resizing, _MIN_WINDOWS), self.pixels


def _room(cell: tuple[int, int, int, int]) -> tuple[int, int]:
    """Return the largest size of a window in a cell, its title bar and a margin left out."""
    return cell[2] - 2 * _MARGIN, cell[3] - _TITLE_BAR - _MARGIN


def _size(actor: Actor, number: int, time_s: float) -> tuple[int, int]:
    """Return what to propose: each window breathes at its own pace, in both directions."""
    width, height = _room(actor.cell)
    across = 0.5 + 0.5 * math.sin(2 * math.pi * (time_s / (2.6 + 0.3 * number) + number / 7))
    down = 0.5 + 0.5 * math.sin(2 * math.pi * (time_s / (3.4 - 0.2 * number) + number / 5))
    return round(width * (0.64 + 0.36 * across)), round(height * (0.66 + 0.34 * down))


def _play(
    compositor: Compositor, actors: list[Actor], seconds: float, progress: Progress
) -> tuple[Moment, Any]:
    from compositor.testing.reel import Reel

    resized = [
        (number, a, a.window) for number, a in enumerate(actors) if a.window and a.name not in _LEFT_ALONE
    ]
    for _, _, window in resized:
        compositor.call("window.set_state", id=window.id, resizing=True)
    animation = Reel(_ANIMATION_WIDTH)
    best: Moment | None = None
    start = time.monotonic()
    next_picture = start
    taken = 0
    # A machine that is busy gets a few pictures all the same.
    while (now := time.monotonic()) < start + seconds or (
        taken < _LEAST_PICTURES and now < start + _LONGEST * seconds
    ):
        for number, actor, window in resized:
            width, height = _size(actor, number, now - start)
            compositor.call("window.resize", id=window.id, width=width, height=height)
            actor.resizes += 1
        if now >= next_picture:
            next_picture = max(next_picture + 1 / _PICTURES_PER_S, now)
            infos = compositor.window_infos()
            image = compositor.screenshot()
            moment = Moment(
                image,
                sum(not info["settled"] for info in infos),
                sum(info["width"] * info["height"] for info in infos),
            )
            taken += 1
            animation.add(image, now)
            if best is None or moment.worth > best.worth:
                best = moment
            progress.say(f"resizing {len(resized)} of {len(actors)} windows", (now - start) / seconds)
        time.sleep(max(0.0, now + 1 / _STEPS_PER_S - time.monotonic()))
    for _, _, window in resized:
        compositor.call("window.set_state", id=window.id, resizing=False)
    return best or Moment(compositor.screenshot(), 0), animation


def _account(compositor: Compositor, actors: list[Actor]) -> None:
    pools = compositor.pools
    for actor in actors:
        actor.pools = [pool for pool in pools if pool["pid"] == actor.application.pid]


def _end(actor: Actor) -> None:
    """Close the window; the program then says how it fared."""
    if actor.window is None:
        actor.application.kill()
        return
    actor.window.close(wait=False)
    actor.application.wait()
    lines = actor.application.output.strip().splitlines()
    try:
        actor.statistics = json.loads(lines[-1]) if lines else None
    except ValueError:
        actor.problem = lines[-1]


def _row(actor: Actor) -> dict[str, Any]:
    pools = actor.pools or []
    statistics = actor.statistics or {}
    seconds = statistics.get("seconds") or 0.0
    frames = statistics.get("frames", 0)
    return {
        "program": actor.name,
        "pools": len(pools),
        "bytes": sum(pool["size"] for pool in pools),
        "seals": sorted({seal for pool in pools for seal in pool["seals"]}),
        "verdict": ", ".join(sorted({pool["verdict"] for pool in pools})),
        "growths": sum(pool["growths"] for pool in pools),
        "resizes": actor.resizes,
        "frames": frames,
        "fps": round(frames / seconds, 1) if seconds else 0.0,
        "problem": actor.problem,
    }


def _report(actors: list[Actor], options: argparse.Namespace, best: Moment, files: list[Path]) -> None:
    rows = [_row(actor) for actor in actors]
    if options.json:
        print_json({"programs": rows, "resizing_in_picture": best.resizing, "files": [str(f) for f in files]})
        return
    headings = ("PROGRAM", "POOLS", "MEMORY", "SEALS", "VERDICT", "GROWTHS", "RESIZES", "FRAMES", "FPS")
    cells = [
        (
            row["program"],
            row["pools"],
            show_bytes(row["bytes"]),
            " ".join(row["seals"]) or "none",
            row["verdict"] or "refused",
            row["growths"],
            row["resizes"],
            row["frames"],
            row["fps"],
        )
        for row in rows
    ]
    print(table(headings, cells))
    for row in rows:
        if row["problem"]:
            print(f"{row['program']}: {row['problem']}")
    sizes = sum(row["resizes"] for row in rows)
    growths = sum(row["growths"] for row in rows)
    print(f"\n{sizes} sizes were proposed, and the pools grew {growths} times while they were shown.")
    print("Each file was judged again at each growth. What cannot shrink is mapped, without signal handlers.")
    print(f"{files[0]}: {best.resizing} windows between two sizes. {files[1]}: all of it, in motion.")
