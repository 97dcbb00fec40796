"""The loads: what the client shows while a compositor is measured.

Every window is 1920×1080 and fullscreen unless said otherwise, and smaller surfaces are subsurfaces of it
in a grid whose cells touch, so each compositor shows the same picture whatever its window policy. A surface
submits its next pre-rendered buffer (three per surface, in a memfd sealed against shrinking) on its own
frame callback.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """One load: the arguments of the load client, and what its numbers are divided by."""

    name: str
    title: str
    arguments: tuple[str, ...]
    #: Surfaces that submit at every frame. Checked: who skips some does less work, and the table says so.
    animated: int = 1
    #: False where a compositor may rightly hold callbacks back (surfaces nobody sees).
    all_visible: bool = True
    #: What CPU time is divided by.
    unit: str = "frame"
    outputs: int = 1
    #: A screen reader captures the output sixty times a second meanwhile.
    reader: bool = False
    fullscreen: bool = True


def children(count: int, size: str, *, alpha: bool) -> tuple[str, ...]:
    """Arguments for ``count`` animated subsurfaces of ``size`` over an opaque parent that stands still."""
    base = ("--root-still", "--children", str(count), "--child", size)
    return (*base, "--child-alpha") if alpha else base


YARDSTICK = (
    Load("fullscreen", "1 × 1920×1080 opaque, full damage", ()),
    Load(
        "alpha-large",
        "4 × 940×530 alpha subsurfaces",
        children(4, "940x530", alpha=True),
        animated=4,
    ),
    Load("alpha-50", "50 × 64×64 alpha subsurfaces", children(50, "64x64", alpha=True), animated=50),
    Load(
        "opaque-1000",
        "1000 × 16×16 opaque subsurfaces",
        children(1000, "16x16", alpha=False),
        animated=1000,
    ),
    Load("small-damage", "1 × 1920×1080, 64×64 damage", ("--root-damage", "64x64")),
)

FURTHER = (
    Load(
        "alpha-50-spread",
        "50 × 64×64 alpha, spread over the output",
        (*children(50, "64x64", alpha=True), "--spread"),
        animated=50,
    ),
    Load("alpha-200", "200 × 64×64 alpha subsurfaces", children(200, "64x64", alpha=True), animated=200),
    Load(
        "window-above",
        "1920×1080 full damage, a still 300×200 above",
        ("--children", "1", "--child", "300x200", "--child-still"),
    ),
    Load(
        "resize",
        "live resize to 1920×1080, pool grown each frame",
        ("--windowed", "--mode", "resize"),
        fullscreen=False,
    ),
    Load(
        "scroll",
        "scrolling text, 1200×900, 50 damaged lines",
        ("--root-still", "--children", "1", "--child", "1200x900", "--child-damage", "rows:18"),
    ),
    Load(
        "video",
        "1920×1080 video subsurface over a desktop",
        ("--root-still", "--children", "1", "--child", "1920x1080"),
    ),
    Load("unsealable", "1920×1080, new unsealable pool each frame", ("--mode", "unsealable")),
    Load(
        "idle-clients",
        "64×64 damage, 100 clients that each blink once a second",
        ("--root-damage", "64x64", "--idle-clients", "100"),
    ),
    Load(
        "occluded",
        "64×64 damage over 50 × 180×180 hidden below it",
        (
            *("--root-damage", "64x64", "--children", "50", "--child", "180x180"),
            *("--child-alpha", "--child-below"),
        ),
        all_visible=False,
    ),
    Load(
        "pointer",
        "pointer motion at 1000 Hz",
        ("--root-still", "--mode", "pointer"),
        unit="motion",
    ),
    Load("captured", "1 × 1920×1080, full damage, captured at 60 Hz", (), reader=True),
)

LOADS: dict[str, Load] = {load.name: load for load in (*YARDSTICK, *FURTHER)}


def surfaces(count: int) -> Load:
    """The load for growth in surfaces: ``count`` × 16×16 opaque subsurfaces."""
    return Load(
        f"surfaces-{count}", f"{count} × 16×16 opaque", children(count, "16x16", alpha=False), animated=count
    )


def clients(count: int) -> Load:
    """The load for growth in clients: ``count`` mostly idle ones beside one that submits 64×64 damage."""
    return Load(
        f"clients-{count}",
        f"{count} idle clients",
        ("--root-damage", "64x64", "--idle-clients", str(count)),
    )


def outputs(count: int) -> Load:
    """The load for growth in outputs: a fullscreen window with full damage on each of ``count``."""
    return Load(
        f"outputs-{count}", f"{count} outputs", ("--outputs", str(count)), animated=count, outputs=count
    )
