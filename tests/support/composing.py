"""An editor and an input method, as text-input 3 and input-method 2 have them."""

from __future__ import annotations

from support.client import Proxy
from support.people import Desk
from support.stage import Stage

TEXT_INPUT = "zwp_text_input_manager_v3"


def text_input(desk: Desk) -> Proxy:
    made: Proxy = desk.client.get(TEXT_INPUT).get_text_input(desk.seat)
    desk.client.roundtrip()
    return made


class Composer:
    """A client that is an input method."""

    def __init__(self, stage: Stage) -> None:
        self.client = stage.connect()
        self.seat = self.client.get("wl_seat")
        self.method: Proxy = self.client.get("zwp_input_method_manager_v2").get_input_method(self.seat)
        self.client.roundtrip()

    def take(self) -> list[str]:
        self.client.roundtrip()
        return self.method.take()

    def commit(self, serial: int) -> None:
        self.method.commit(serial)
        self.client.roundtrip()


def enable(desk: Desk, editor: Proxy, rect: tuple[int, int, int, int] | None = (10, 20, 2, 12)) -> None:
    editor.enable()
    editor.set_surrounding_text("fish", 4, 4)
    editor.set_content_type(2, 13)
    if rect is not None:
        editor.set_cursor_rectangle(*rect)
    editor.commit()
    desk.client.roundtrip()
