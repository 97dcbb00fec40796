"""A window with a menu: popups with a grab, a submenu, pointer and keyboard alike.

Click the button, or anywhere with the right button, or press Down. Arrows move, Return
chooses, Escape closes.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from toolkit import BUTTON_LEFT, BUTTON_RIGHT, Box, Canvas, Connection, KeyEvent, Popup, Window, palette
from toolkit.canvas import text_width
from toolkit.program import Options, parser, run

ROW, RULE, PAD, FONT = 32, 11, 6, 15  # heights, margin, text size; surface pixels


@dataclass(frozen=True)
class Item:
    """A line of a menu; one without a name is a rule, one with items opens a submenu."""

    name: str = ""
    keys: str = ""
    items: tuple[Item, ...] = ()
    enabled: bool = True


MENU = (
    Item("New dive", "N"),
    Item("Follow", items=(Item("Krill"), Item("Silverfish"), Item("Icefish"), Item("Squid", items=(
        Item("Glacial"), Item("Hooked"), Item("Colossal"))))),
    Item("Surface", "Esc"),
    Item(),
    Item("Sing", "S"),
    Item("Haul out on the ice", "H"),
    Item("Fly", enabled=False),
)  # fmt: skip


def layout(items: tuple[Item, ...]) -> tuple[list[Box], int, int]:
    """Return each item's box, and the width and height of the whole menu."""
    width = round(max(text_width(i.name, FONT) + text_width(i.keys, FONT) for i in items)) + 84
    boxes, y = [], PAD
    for item in items:
        height = ROW if item.name else RULE
        boxes.append(Box(PAD, y, width - 2 * PAD, height))
        y += height
    return boxes, width, y + PAD


class Menu(Popup):
    """One popup of the menu; `child` is the submenu open beside it."""

    def __init__(
        self, parent: Window | Menu, desk: Desk, items: tuple[Item, ...], anchor: Box, beside: bool
    ) -> None:
        self.items, self.desk = items, desk
        self.boxes, width, height = layout(items)
        self.at: int | None = None  # the item lit up
        self.child: Menu | None = None
        super().__init__(parent, "menu", width, height, anchor, beside=beside, opaque=False)

    def draw(self, canvas: Canvas) -> None:
        canvas.clear(0)
        canvas.rounded(0, 0, self.width, self.height, 9, palette.CURRENT)
        canvas.rounded(1, 1, self.width - 2, self.height - 2, 8, palette.DEEP)
        for index, (item, box) in enumerate(zip(self.items, self.boxes, strict=True)):
            if not item.name:
                canvas.fill(box.x + 8, box.y + box.height // 2, box.width - 16, 1, palette.CURRENT)
                continue
            lit = index == self.at
            if lit:
                canvas.rounded(*box, 6, palette.GLACIER)
            ink = palette.NIGHT if lit else palette.ICE if item.enabled else palette.CURRENT
            canvas.text(box.x + 12, box.y + 21, item.name, FONT, ink)
            canvas.text(
                box.x2 - 12, box.y + 21, item.keys, FONT - 2, palette.SEA if lit else palette.MIST, align=1
            )
            if item.items:
                x, y = box.x2 - 17, box.y + ROW / 2
                canvas.line(x, y - 4, x + 4, y, 1.6, ink)
                canvas.line(x + 4, y, x, y + 4, 1.6, ink)

    def light(self, index: int | None) -> None:
        """Light up an item, and put the old one out."""
        if index != self.at:
            for changed in (self.at, index):
                if changed is not None:
                    self.redraw(self.boxes[changed])
            self.at = index

    def open_child(self, index: int) -> Menu:
        """Open the submenu of an item, closing any other."""
        if self.child is not None:
            self.child.close()
        self.child = Menu(self, self.desk, self.items[index].items, self.boxes[index].grown(PAD), beside=True)
        return self.child

    def close(self) -> None:
        """Close this menu and those opened from it, the topmost first."""
        if self.child is not None:
            self.child.close()
        if isinstance(self.parent, Menu):
            self.parent.child = None
        else:
            self.desk.menu = None
        self.destroy()

    def dismissed(self) -> None:
        self.close()

    def choose(self, index: int | None) -> Menu | None:
        """Act on an item: open its submenu and return it, or report the choice and close everything."""
        if index is None or not self.items[index].enabled or not self.items[index].name:
            return None
        if self.items[index].items:
            return self.open_child(index)
        self.desk.chosen(self.items[index].name)
        return None

    def step(self, by: int) -> None:
        """Light up the next item that can be chosen."""
        index = self.at if self.at is not None else (-1 if by > 0 else len(self.items))
        for _ in self.items:
            index = (index + by) % len(self.items)
            if self.items[index].name and self.items[index].enabled:
                self.light(index)
                return

    def pointer_move(self, x: float, y: float) -> None:
        over = next((n for n, box in enumerate(self.boxes) if box.contains(x, y)), None)
        if over is not None and not (self.items[over].name and self.items[over].enabled):
            over = None
        if over == self.at:
            return
        self.light(over)
        if over is not None and self.items[over].items:
            self.open_child(over)
        elif self.child is not None and over is not None:
            self.child.close()

    def pointer_leave(self) -> None:
        if self.child is None:
            self.light(None)

    def pointer_button(self, x: float, y: float, button: int, pressed: bool) -> None:
        if not pressed and (self.child is None or self.at is None):
            self.choose(self.at)

    def key(self, event: KeyEvent) -> None:
        self.desk.key(event)


class Desk(Window):
    """The window the menu belongs to."""

    def __init__(self, connection: Connection, options: Options) -> None:
        super().__init__(connection, options.title or "Menu", *options.size, smallest=(220, 120))
        self.menu: Menu | None = None
        self.last = "Nothing chosen yet"
        self.button = Box(24, 22, 96, 36)
        self.lit = False

    def draw(self, canvas: Canvas) -> None:
        canvas.clear(palette.NIGHT)
        canvas.rounded(*self.button, 8, palette.CURRENT if self.lit or self.menu else palette.SEA)
        x, y = self.button.x + 20, self.button.y + 18
        for dy in (-5, 0, 5):
            canvas.line(x - 6, y + dy, x + 6, y + dy, 1.8, palette.ICE)
        canvas.text(x + 18, y + 5.5, "Menu", FONT, palette.ICE)
        canvas.text(self.width / 2, self.height * 0.62, self.last, 24, palette.ICE, align=0.5)

    def open(self, anchor: Box) -> Menu:
        """Open the menu below a box."""
        if self.menu is not None:
            self.menu.close()
        self.menu = Menu(self, self, MENU, anchor, beside=False)
        self.redraw(self.button)
        return self.menu

    def chosen(self, name: str) -> None:
        """Hear a choice, and close the menu."""
        self.last = name
        self.set_title(f"Menu: {name}")
        if self.menu is not None:
            self.menu.close()
        self.redraw()

    def pointer_move(self, x: float, y: float) -> None:
        lit = self.button.contains(x, y)
        if lit != self.lit:
            self.lit = lit
            self.redraw(self.button)

    def pointer_button(self, x: float, y: float, button: int, pressed: bool) -> None:
        if pressed and button == BUTTON_LEFT and self.button.contains(x, y):
            self.open(self.button)
        elif pressed and button == BUTTON_RIGHT:
            self.open(Box(int(x), int(y), 1, 1))

    def key(self, event: KeyEvent) -> None:
        # The grab gives the keyboard to the topmost popup or leaves it here, as the compositor likes.
        if not event.pressed:
            return
        if self.menu is None:
            if event.keysym in ("Down", "Return", "Menu"):
                self.open(self.button).step(1)
            return
        deepest = self.menu
        while deepest.child is not None:
            deepest = deepest.child
        if event.keysym in ("Down", "Up"):
            deepest.step(1 if event.keysym == "Down" else -1)
        elif event.keysym in ("Right", "Return"):
            at = deepest.at
            if event.keysym == "Return" or (at is not None and deepest.items[at].items):
                child = deepest.choose(at)
                if child is not None:
                    child.step(1)
        elif event.keysym == "Escape" or (event.keysym == "Left" and deepest is not self.menu):
            deepest.close()
            self.redraw(self.button)


def main() -> int:
    """Run the program."""
    return run(parser(__doc__.split("\n")[0], "460x320").parse_args(), Desk)


if __name__ == "__main__":
    sys.exit(main())
