"""What tests wait for: a compositor to be ready, a picture of a window, a click and its frame.

    python -m benchmarks.driver

Beside it, where installed, what people use today: Xvfb with xwd, and headless Sway with grim, doing the
same job: get ready, and take a picture of 1920x1080 into a numpy array. Medians in milliseconds.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from compositor.locate import clients_dir
from compositor.testing import Compositor

Times = dict[str, float]
_PATIENCE_S = 20.0


def median_ms(function: Callable[[], object], times: int) -> float:
    """Return the median time of a call."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def weddell() -> Times:
    """Measure the driver."""

    ready = []
    for _ in range(5):
        begin = time.perf_counter()
        compositor = Compositor(outputs=["1920x1080"])
        ready.append(time.perf_counter() - begin)
        compositor.close()
    with Compositor(outputs=["1920x1080"], clock="manual") as compositor:
        window = compositor.launch([sys.executable, str(clients_dir() / "paint.py")]).window()
        window.resize(1920, 1080)
        compositor.wait_idle()
        picture = median_ms(window.screenshot, 30)
        before = window.screenshot()
        window.click(400, 400)
        compositor.wait_idle()
        frames = 0
        while (before == window.screenshot()).all() and frames < 10:
            frames += 1
            compositor.clock.advance_frames(1)
    return {"ready_ms": statistics.median(ready) * 1000, "picture_ms": picture, "click_frames": frames}


def wait_for(path: Path) -> None:
    """Wait until a socket is there."""
    deadline = time.monotonic() + _PATIENCE_S
    while not path.exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{path} did not come")
        time.sleep(0.002)


def xvfb() -> Times:
    """Measure Xvfb, and xwd of the whole screen."""
    display = f":{90 + os.getpid() % 900}"
    start = time.perf_counter()
    command = ["Xvfb", display, "-screen", "0", "1920x1080x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(Path(f"/tmp/.X11-unix/X{display[1:]}"))
            ready = (time.perf_counter() - start) * 1000

            def picture() -> object:
                taken = subprocess.run(
                    ["xwd", "-root", "-display", display, "-silent"], capture_output=True, check=True
                )
                return np.frombuffer(taken.stdout[-1920 * 1080 * 4 :], np.uint8).reshape(1080, 1920, 4)

            return {"ready_ms": ready, "picture_ms": median_ms(picture, 10)}
        finally:
            process.terminate()


def sway() -> Times:
    """Measure headless Sway, and grim of the whole screen."""
    folder = Path(tempfile.mkdtemp(prefix="sway-"))
    config = folder / "config"
    config.write_text("output HEADLESS-1 mode 1920x1080\n")
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder), "WLR_BACKENDS": "headless"}
    environment |= {"WLR_RENDERER": "pixman", "WLR_LIBINPUT_NO_DEVICES": "1", "WAYLAND_DISPLAY": "wayland-1"}
    start = time.perf_counter()
    server = {k: v for k, v in environment.items() if k not in ("WAYLAND_DISPLAY", "DISPLAY")}
    command = ["sway", "--unsupported-gpu", "-c", str(config)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=server, **quiet) as process:
        try:
            wait_for(folder / "wayland-1")
            while subprocess.run(["grim", "/dev/null"], env=environment, check=False, **quiet).returncode:
                if time.perf_counter() - start > _PATIENCE_S:
                    raise TimeoutError("no picture of sway can be had")
            ready = (time.perf_counter() - start) * 1000

            def picture() -> object:
                taken = folder / "shot.ppm"
                subprocess.run(["grim", "-t", "ppm", str(taken)], env=environment, check=True)
                with Image.open(taken) as image:
                    return np.asarray(image)

            return {"ready_ms": ready, "picture_ms": median_ms(picture, 10)}
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Measure and print JSON."""
    found: dict[str, Times | str] = {"weddell": weddell()}
    for name, function, programs in (
        ("Xvfb + xwd", xvfb, ("Xvfb", "xwd")),
        ("Sway + grim", sway, ("sway", "grim")),
    ):
        missing = [program for program in programs if shutil.which(program) is None]
        try:
            found[name] = f"not installed: {', '.join(missing)}" if missing else function()
        except (OSError, subprocess.SubprocessError) as error:
            found[name] = f"failed: {error}"
    print(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
