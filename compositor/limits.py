"""How much a client may take, in one place.

Every figure is policy: the defaults are far above what honest programs use
and far below what hurts the others. Anybody may import this module; the
module that owns a resource enforces its figure, in one place each. What a
figure is for and why it is what it is stands beside it, and from there in
docs/reference/limits.md.
"""

from __future__ import annotations

from typing import Any

from compositor.errors import ConfigError
from compositor.record import field, fields, record


def _limit(default: int, what: str, why: str, least: int = 1) -> Any:
    """Return a field: its value, what it bounds, why it is so much, and the least that can work."""
    return field(default=default, about={"what": what, "why": why, "least": least})


@record()
class Limits:
    """Bounds on what a client may take. Over a bound: a protocol error, for that client alone.

    "In all" means the clients of one compositor together; whoever asks last is refused.
    """

    # Requests and events: compositor/wire/client.py, compositor/service.py

    objects: int = _limit(
        65_536, "protocol objects of one client", "Chromium with 100 tabs uses about 2,000", least=8
    )
    incoming_fds: int = _limit(
        1024,
        "descriptors that one client has sent ahead of the requests that take them",
        "libwayland sends at most 28 ahead",
    )
    message_budget_bytes: int = _limit(
        32_768,
        "bytes of requests read of one client before the others have their turn",
        "some 1,500 requests, three milliseconds",
        least=4096,
    )
    turn_us: int = _limit(
        4000,
        "microseconds of one turn of the loop that go to requests, those of the least served client first",
        "a quarter of a frame at 60 Hz",
        least=100,
    )
    pending_output_bytes: int = _limit(
        4 << 20,
        "bytes of events that wait for one client to read; past it the client is disconnected",
        "a stopped program under a moving pointer needs twenty minutes for that",
        least=4096,
    )
    pending_output_fds: int = _limit(
        256, "descriptors that wait for one client to read", "each is a descriptor of the compositor"
    )

    # Connections: compositor/admission.py, compositor/reserve.py

    clients: int = _limit(1024, "connections in all", "a full desktop has some dozens")
    clients_per_uid: int = _limit(1024, "connections of one user", "the socket is its owner's alone anyway")
    clients_per_pid: int = _limit(256, "connections of one process", "nobody honest needs more than three")
    descriptor_reserve: int = _limit(
        256,
        "descriptors that no client may use up, so that accepting, logging and drivers never fail",
        "whoever holds most of them is disconnected first",
        least=16,
    )

    # Shared memory: compositor/protocol/shm_account.py, compositor/protocol/wl_shm.py

    pools: int = _limit(1024, "pools of one client", "toolkits keep a few per window")
    pool_bytes: int = _limit(2 << 30, "bytes of one pool", "foot makes a sparse one of 512 MiB", least=4096)
    pool_bytes_total: int = _limit(
        16 << 30, "bytes of all pools of one client", "address space, not memory", least=4096
    )
    pool_bytes_in_all: int = _limit(
        4 << 40, "bytes of all pools in all", "of the 128 TiB of address space that a process has", least=4096
    )
    mappings: int = _limit(
        2048,
        "areas of address space that one client's files take; a pool that grows takes two, and leaves them "
        "to its buffers when it has outgrown them",
        "honest programs have few pools, and destroy the buffers of an old size",
    )
    mappings_in_all: int = _limit(
        32_768,
        "areas of address space that clients' files take in all",
        "half of what Linux gives a process (vm.max_map_count)",
    )
    sparse_bytes: int = _limit(
        1 << 30,
        "bytes of one client's buffers that lie in holes of their files",
        "drawing from a hole fills it with memory, 125 new buffers of a 1080p screen",
        least=4096,
    )
    copied_bytes: int = _limit(
        1 << 30, "bytes of private copies of one client's unsealed buffers", "30 windows of a 4K screen"
    )
    copied_bytes_in_all: int = _limit(4 << 30, "bytes of such copies in all", "it is real memory")
    copied_buffer_bytes: int = _limit(
        128 << 20, "bytes of one copied buffer", "7680 × 4320 pixels, 40 ms of everybody's time"
    )
    buffer_side_px: int = _limit(32_768, "pixels of a buffer's width or height", "what pixman can address")

    # Surfaces: compositor/protocol/wl_surface.py, compositor/protocol/wl_subcompositor.py

    surfaces: int = _limit(8192, "surfaces of one client", "the busiest programs use some hundreds")
    subsurfaces: int = _limit(
        1024, "subsurfaces of one client", "each frame looks at all that are shown: 5 µs each"
    )
    subsurface_depth: int = _limit(64, "levels of a tree of subsurfaces", "toolkits use two or three")
    frame_callbacks: int = _limit(
        4096, "frame callbacks or presentation feedbacks that wait for one surface", "one is usual"
    )
    region_rects: int = _limit(
        1024, "rectangles of one wl_region", "a round window of a screen's height has as many"
    )
    queued_commits: int = _limit(
        256, "commits of one surface that wait for their time", "two or three frames ahead are usual"
    )

    # Windows: compositor/protocol/xdg_shell

    popups: int = _limit(256, "popups of one client", "menus show a handful at once")
    popup_depth: int = _limit(64, "levels of a chain of popups", "menus rarely use five")
    pending_configures: int = _limit(
        4096,
        "configures sent to one window and not acknowledged; beyond it none is sent",
        "a stopped program catches up when it goes on",
        least=8,
    )

    # Outputs and idleness: compositor/protocol/output_global.py, compositor/protocol/idle_notify.py

    output_binds: int = _limit(
        64, "wl_output objects of one client for one output", "each is told of every surface that comes"
    )
    idle_timeouts: int = _limit(256, "timeouts of one client", "each is looked at with every input")

    # Words and data: compositor/protocol/xdg_shell, compositor/protocol/wl_data_device_manager

    string_bytes: int = _limit(
        4000, "bytes of a title, an application id or a MIME type", "an event has at most 4096", least=16
    )
    mime_types: int = _limit(1024, "MIME types of one data source", "office programs offer some dozens")
    transfers: int = _limit(
        64,
        "clipboard transfers that wait for one source to begin; further readers get an empty answer",
        "a reader cannot make its source's queue overflow",
    )


def set_limit(limits: Limits, text: str) -> None:
    """Set one figure from ``NAME=VALUE``, as on the command line. K, M and G stand for powers of 1024.

    Raises:
        ConfigError: if there is no such limit, or the value is none.
    """
    name, _, value = text.partition("=")
    entries = fields(Limits)
    entry = entries.get(name)
    if entry is None:
        import difflib

        near = difflib.get_close_matches(name, entries, 1)
        hint = f"; did you mean {near[0]}?" if near else f" (there are: {', '.join(entries)})"
        raise ConfigError(f"limit {text}: there is no limit {name!r}{hint}")
    unit = {"K": 10, "M": 20, "G": 30}.get(value[-1:].upper(), 0)
    digits = value[:-1] if unit else value
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 16):
        raise ConfigError(f"limit {text}: the value must be a number, such as {entry.default}")
    number = int(digits) << unit
    least = entry.about["least"]
    if number < least:
        raise ConfigError(f"limit {text}: {name} must be at least {least}")
    setattr(limits, name, number)
