"""How much one client may take, in one place.

Every figure is policy: the defaults are far above what honest programs use
and far below what hurts the others. Anybody may import this module; the
module that owns the resource enforces its figure.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Limits:
    """Bounds on what a client may take. Over a bound: a protocol error, for that client alone."""

    objects: int = 65_536
    """Protocol objects alive at once (Chromium with 100 tabs uses about 2,000)."""
    incoming_fds: int = 1024
    """Descriptors received and not yet consumed by a request."""
    pending_output_bytes: int = 4 << 20
    """Events queued for a client that does not read; past it the client is disconnected."""
    pending_output_fds: int = 256
    """Descriptors queued for a client that does not read."""
    message_budget_bytes: int = 65_536
    """Requests served per client and wake-up, so that a flood leaves the others their turn."""
    pool_bytes: int = 2 << 30
    """Size of one wl_shm_pool (foot's sparse pool is 512 MiB)."""
    pool_bytes_total: int = 16 << 30
    """Sum of the sizes of a client's pools; address space, not memory."""
    pools: int = 4_096
    """Pools alive at once per client; each costs up to two descriptors."""
    copied_bytes: int = 1 << 30
    """Private memory that copies of a client's unsealed buffers may take."""
    surfaces: int = 16_384
    """wl_surface objects alive at once per client."""
    buffer_side_px: int = 32_768
    """Width or height of a buffer."""
    subsurface_depth: int = 64
    """Depth of a tree of subsurfaces."""
    popup_depth: int = 64
    """Depth of a chain of popups."""
    frame_callbacks: int = 16_384
    """wl_callback objects of wl_surface.frame waiting at once, per client."""
    pending_configures: int = 4_096
    """Configures sent and not acknowledged, per xdg_surface; beyond it none is sent."""
    region_rects: int = 4_096
    """Rectangles of one wl_region."""
    damage_rects: int = 16
    """Rectangles of pending damage kept apart; more collapse to their bound."""
    string_bytes: int = 4_000
    """Length of a title, application id or MIME type."""
    mime_types: int = 1_024
    """MIME types of one data source."""
    clients: int = 1_024
    """Connections at once, in all."""
    clients_per_uid: int = 1_024
    """Connections at once of one user."""
    clients_per_pid: int = 512
    """Connections at once of one process."""
    timers: int = 65_536
    """Presentation, fifo and commit-timing waits per client."""
