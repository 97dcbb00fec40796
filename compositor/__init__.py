"""Weddell: a Wayland compositor in Python whose clients share sealed memory.

The house, from the ground up. A module imports only from floors below its own,
or from its own folder; tests/test_architecture.py holds that.

    0  errors, clock, timers, limits, descriptor, record, locate, logs, calls, words, alike, geometry/
       native/     the hot paths, compiled where there is a compiler; an option, for speed alone
    1  memory/     sealed shared memory, useful without Wayland
       wire/       the Wayland wire protocol: interfaces, clients, globals, the socket
    2  model/      what the compositor believes: surfaces, windows, scene, seat, outputs
    3  protocol/   one file per protocol: requests change the model, the model's news become events
       render/     model → pixels
    4  backend/    where frames go and input comes from
       control/    the compositor's own API: JSON-RPC over a socket
    5  server, loop, cli   all wiring
    -  testing/    the driver and pytest plugin; talks to the control socket alone

The way of a frame:

    socket → Client.readable → compiled decoder → WlSurface.commit → Surface.commit
    → Surface.apply (pending → current; nodes get the new content) → OutputScene.damage
    → Output.schedule → backend timer → Screen.frame (scan out, draw, or leave for who looks)
    → Scene.presented (wl_callback.done, presentation feedback), Buffer.unlock (wl_buffer.release)
    → Client.out → one send per client and turn

The way of an input event:

    control socket, virtual device or host window → Seat → grab, else Scene.hit, then focus
    → listener in protocol/wl_seat → the focused client's resources

Who is told what, when: a turn of the loop runs ready descriptors, due timers,
then `Scene.settle` (layout, enter/leave, refocus), then sends. A wl_display.sync
is answered after settling, so its answer comes after all that the requests
before it caused.

Where a client is stopped: a handler raises ProtocolError; Client.disconnect,
and nothing else, posts it. Any other exception is our bug: logged, and it
costs that client its connection. `Limits` holds every bound.

Where the memory rules live: memory.judgement decides about a descriptor, memory.Pool
asks it at every size, protocol/wl_shm turns the verdict into a mapped or a
copied buffer. Nothing installs a SIGBUS handler.
"""

from compositor.native import sources as _sources  # noqa: F401 decides whether compiled modules are used

__version__ = "0.1.0"
