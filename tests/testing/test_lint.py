"""The lint: each rule is broken by a program that does just that, and the demo clients break none."""

from __future__ import annotations

import json
import sys
import textwrap

import pytest
from test_cli import weddell

from compositor.locate import clients_dir
from compositor.testing import Compositor, RequestRefused

CLEAN = ("bubbles", "clock", "flower", "menu", "paint", "picture", "resizer", "textpad", "video")

# A window of 64x64 pixels in five buffers of one sealed pool, whose manners the test says.
PROGRAM = """\
import os, sys, time
sys.path.insert(0, {clients!r})
from compositor.memory import GrowableBuffer, create_memfd, add_seals
from pywayland.client import Display
from pywayland.protocol.wayland import WlCompositor, WlShm
from pywayland.protocol.xdg_shell import XdgWmBase

SIDE = {side}
display = Display(); display.connect()
registry = display.get_registry()
found = {{}}
def seen(registry, name, interface, version):
    for cls, wanted in ((WlCompositor, 4), (WlShm, 1), (XdgWmBase, 3)):
        if interface == cls.name:
            found[interface] = registry.bind(name, cls, min(version, wanted))
registry.dispatcher["global"] = seen
display.roundtrip()
base = found["xdg_wm_base"]
base.dispatcher["ping"] = lambda base, serial: base.pong(serial)
memory = GrowableBuffer(5 * SIDE * SIDE * 4)
pool = found["wl_shm"].create_pool(memory.fd, memory.size)
views = [memory.view(n * SIDE * SIDE * 4, SIDE, SIDE * 4, SIDE, "u4") for n in range(5)]
buffers = [pool.create_buffer(n * SIDE * SIDE * 4, SIDE, SIDE, SIDE * 4, 1) for n in range(5)]
released = [True] * 5
for n in range(5):
    buffers[n].dispatcher["release"] = lambda buffer, n=n: released.__setitem__(n, True)
surface = found["wl_compositor"].create_surface()
xdg = base.get_xdg_surface(surface)
toplevel = xdg.get_toplevel()
acking, shown = True, False
def configure(xdg, serial):
    if acking:
        xdg.ack_configure(serial)
        if shown:
            surface.commit()
xdg.dispatcher["configure"] = configure
surface.commit()
display.roundtrip()

def show(n, *damage):
    surface.attach(buffers[n], 0, 0)
    for box in damage:
        surface.damage_buffer(*box)
    released[n] = False
    surface.commit()

WHOLE = (0, 0, SIDE, SIDE)
views[0][:] = 0xFF336699
show(0, WHOLE)
shown = True
display.roundtrip()
{body}
display.roundtrip()
os._exit(0)
"""

RULES = {
    "held-buffer": "views[0][5:9, 7:20] = 1; surface.damage_buffer(*WHOLE); surface.commit()",
    "damage-missing": "views[1][:] = views[0]; views[1][10, 10] = 5; show(1, (0, 0, 5, 5))",
    "commit-unchanged": "for n in range(4): surface.commit()",
    "damage-large": """
        for n in range(8):
            views[1 - n % 2][:] = views[n % 2]; views[1 - n % 2][3, 3] = n
            show(1 - n % 2, WHOLE)
            while not released[n % 2]: display.dispatch(block=True)
    """,
    "frame-callback": """
        # By time, not by rounds: a fast machine does any number of rounds within one refresh.
        end = time.monotonic() + 0.5; n = 0
        while time.monotonic() < end:
            n += 1
            for m in range(1, 5):
                while not released[m]: display.dispatch(block=True)
                views[m][:] = 9 * n + m
            for m in range(1, 5): show(m, WHOLE)
            show(0, WHOLE)
            display.roundtrip()
    """,
    "configure-ignored": """
        acking = False
        toplevel.set_maximized(); display.roundtrip()
        end = time.monotonic() + 1.1
        while time.monotonic() < end: display.roundtrip(); time.sleep(0.05)
    """,
    "leak": """
        for n in range(40):
            pool.create_buffer(0, SIDE, SIDE, SIDE * 4, 1)
        end = time.monotonic() + 1.1
        while time.monotonic() < end: display.roundtrip(); time.sleep(0.05)
    """,
    "leak of surfaces": """
        more = [found["wl_compositor"].create_surface() for n in range(3)]
        for each in more: each.commit()
        display.roundtrip(); time.sleep(1.1)
        surface.commit()
    """,
    "leak of pools": """
        for n in range(12): found["wl_shm"].create_pool(memory.fd, memory.size)
        display.roundtrip()
    """,
    "leak of descriptors": """
        end = time.monotonic() + 6; n = 0
        while time.monotonic() < end:
            n += 1; os.open("/dev/null", os.O_RDONLY); os.open("/dev/null", os.O_RDONLY)
            views[n % 2][:] = n; surface.frame(); show(n % 2, WHOLE); display.roundtrip(); time.sleep(0.05)
    """,
    "protocol-error": "surface.set_buffer_scale(0); display.roundtrip()",
    "pool-unsealed": "found['wl_shm'].create_pool(create_memfd('plain', 4096), 4096)",
    "wrong-scale": """
        end = time.monotonic() + 1.3; n = 0
        while time.monotonic() < end:
            n += 1; views[n % 2][:] = n; show(n % 2, WHOLE); display.roundtrip(); time.sleep(0.05)
    """,
}


def program(tmp_path, body, side):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM.format(clients=str(clients_dir()), side=side, body=textwrap.dedent(body).strip()))
    return [sys.executable, str(path)]


def findings(compositor):
    compositor.wait_idle()
    return compositor.lint_findings


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_is_noticed_with_time_object_and_request(tmp_path, rule):
    output = "640x480*2" if rule == "wrong-scale" else "640x480"
    with Compositor(outputs=[output], lint=True) as compositor:
        application = compositor.launch(program(tmp_path, RULES[rule], 320 if rule == "damage-large" else 64))
        application.wait()
        found = findings(compositor)
    rule, _, what = rule.partition(" of ")
    matching = [finding for finding in found if finding["rule"] == rule]
    assert matching, (found, application.output)
    [finding] = matching
    assert finding["object"] and finding["request"] and finding["text"]
    assert what in finding["text"]
    assert 0 < finding["time_ms"] <= finding["last_ms"]
    assert {rule} == {finding["rule"] for finding in found}, found


def test_the_program_breaks_nothing_by_itself(tmp_path):
    with Compositor(lint=True) as compositor:
        application = compositor.launch(program(tmp_path, "", 64))
        assert 0 == application.wait(), application.output
        assert [] == findings(compositor)


@pytest.mark.parametrize("client", CLEAN)
def test_the_demo_clients_are_clean(client):
    status, out, error = weddell(
        "lint", "--json", "--seconds", 2.5, "--resize", "--", sys.executable, clients_dir() / f"{client}.py"
    )
    found = json.loads(out)
    assert [] == found["findings"], error
    assert 0 == status


def test_the_demo_clients_that_do_it_on_purpose_are_found_out():
    unsealed = [sys.executable, clients_dir() / "unsealed.py", "--frames", "5"]
    status, out, _ = weddell("lint", "--", *unsealed)
    assert 1 == status
    assert "pool-unsealed" in out
    assert 0 == weddell("lint", "--fail-on", "error", "--", *unsealed)[0]
    assert 0 == weddell("lint", "--ignore", "pool-unsealed", "--", *unsealed)[0]
    liar = [sys.executable, clients_dir() / "liar.py", "--only", "shrink-pool"]
    status, out, _ = weddell("lint", "--", *liar)
    assert 1 == status
    assert "protocol-error" in out


def test_the_exit_status_is_the_programs_when_nothing_is_found():
    assert 3 == weddell("lint", "--", "sh", "-c", "exit 3")[0]
    status, out, error = weddell("lint", "--ignore", "no-such", "--", "true")
    assert (1, "") == (status, out)
    assert "there is no such rule" in error
    status, out, _ = weddell("lint", "--rules")
    assert 0 == status
    assert {rule.partition(" of ")[0] for rule in RULES} == {line.split()[0] for line in out.splitlines()[1:]}


def test_findings_are_told_as_they_come_and_only_where_somebody_watches(tmp_path, compositor):
    with pytest.raises(RequestRefused, match="started without --lint"):
        compositor.lint_findings  # noqa: B018
    with Compositor(lint=True) as watched:
        events = watched.connect()
        events.call("events.subscribe", kinds=["lint"])
        watched.launch(program(tmp_path, RULES["protocol-error"], 64)).wait()
        event = events.next_event()
        events.close()
    assert "protocol-error" == event["rule"]
    assert "error" == event["severity"]
