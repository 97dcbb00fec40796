"""Chromium and Firefox, unmodified: a page, text typed into it, what one copies and what a button does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.looking import PATIENCE_S, Need, nothing_wrong, share_of, wait_until

from compositor.testing import Application, Compositor, Window

# They are large, and start slowly on a machine that is busy.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BLUE, GREEN = (0x33, 0x66, 0x99), (0x22, 0xAA, 0x44)
PAGE = f"""\
<!doctype html>
<title>empty</title>
<body style="margin: 0; background: #{bytes(BLUE).hex()}">
<input autofocus style="width: 300px" oninput="document.title = this.value">
<script>
  document.addEventListener("pointerdown", (event) => {{
    if (event.button === 0 && event.clientY > 200) document.body.style.background = "#{bytes(GREEN).hex()}";
  }});
</script>
"""
CHROMIUM = (
    "chromium",
    "--ozone-platform=wayland",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FIREFOX = ("firefox-esr", "--no-remote", "--new-instance", "--profile")
FIREFOX_SETTINGS = """\
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
user_pref("browser.tabs.inTitlebar", 1);
user_pref("app.normandy.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("extensions.getAddons.cache.enabled", false);
"""


@pytest.fixture(params=["chromium", "firefox-esr"])
def browser(
    request: pytest.FixtureRequest,
    compositor: Compositor,
    need_program: Need,
    home: dict[str, str],
    tmp_path: Path,
) -> Callable[[str], Application]:
    """Return a function that starts one of them with a page."""
    need_program(request.param, request.param)
    page = tmp_path / "page.html"
    profile = tmp_path / "profile"
    profile.mkdir()

    def start(text: str) -> Application:
        page.write_text(text)
        if request.param == "chromium":
            argv = [*CHROMIUM, f"--user-data-dir={profile}", page.as_uri()]
        else:
            (profile / "user.js").write_text(FIREFOX_SETTINGS)
            argv = [*FIREFOX, str(profile), page.as_uri()]
        return compositor.launch(argv, env=home)

    return start


def has_title(compositor: Compositor, window: Window, text: str) -> None:
    """Wait until the page has set a title, which the window bears."""
    wait_until(compositor, lambda: text in window.title, f"the title {text}")


def test_a_browser_shows_a_page_takes_text_copies_it_and_is_resized(
    compositor: Compositor, browser: Callable[[str], Application]
) -> None:
    app = browser(PAGE)
    window = app.window(timeout_s=90)
    image = window.wait_for_pixels(lambda image: share_of(image, BLUE) > 0.5, "shows the page", 90)
    has_title(compositor, window, "empty")
    compositor.wait_keyboard_focus()

    def takes_text() -> bool:
        # The page is seen before its field has the keyboard.
        compositor.keyboard.type("s")
        return "s" in window.title

    wait_until(compositor, takes_text, "it takes text")
    compositor.keyboard.press("ctrl+a")
    compositor.keyboard.type("sea ice")
    has_title(compositor, window, "sea ice")
    compositor.keyboard.press("ctrl+a")
    compositor.keyboard.press("ctrl+c")
    compositor.clipboard.wait_text("sea ice", PATIENCE_S)
    compositor.clipboard.text = "polynya"
    compositor.keyboard.press("ctrl+v")
    has_title(compositor, window, "polynya")
    # A click far down: well below what the browser itself shows at the top.
    height = image.shape[0]
    window.click(200, height - 150)
    window.wait_for_pixels(lambda image: share_of(image, GREEN) > 0.5, "answers the click", PATIENCE_S)
    size = window.resize(900, 600, PATIENCE_S)
    window.wait_for_pixels(
        lambda image: image.shape[:2] == size[::-1] and share_of(image, GREEN) > 0.4,
        "fills its new size",
        PATIENCE_S,
    )
    window.close(timeout_s=PATIENCE_S)
    app.wait(timeout_s=PATIENCE_S)
    nothing_wrong(compositor)


def test_a_browser_shows_a_menu_under_the_right_button(
    compositor: Compositor, browser: Callable[[str], Application]
) -> None:
    app = browser(PAGE)
    window = app.window(timeout_s=90)
    window.wait_for_pixels(lambda image: share_of(image, BLUE) > 0.5, "shows the page", 90)
    compositor.wait_keyboard_focus()
    x, y, _, height = window.geometry
    middle = (slice(y + height // 2, y + height - 40), slice(x + 200, x + 500))

    def menu() -> bool:
        return share_of(compositor.screenshot()[middle], BLUE) < 0.9

    # A click far down makes it green, so the menu is asked for above that.
    window.click(210, height / 2 - 20, "right")
    compositor.wait_until(("frame", "window"), menu, PATIENCE_S, lambda: "no menu")
    compositor.keyboard.press("Escape")
    compositor.wait_until(("frame", "window"), lambda: not menu(), PATIENCE_S, lambda: "the menu stays")
    nothing_wrong(compositor)
    assert app.running
