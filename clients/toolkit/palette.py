"""The colours all demo clients share: an Antarctic evening. 0xAARRGGBB, not premultiplied."""

NIGHT = 0xFF0D1524  # window background
DEEP = 0xFF14203A  # panels
SEA = 0xFF1F3154  # raised panels, hovered things
CURRENT = 0xFF33507F  # lines, borders
MIST = 0xFF8CA3C4  # secondary text
ICE = 0xFFEAF2F8  # text, paper
GLACIER = 0xFF7CC4F0  # the accent: focus, selection
AURORA = 0xFF74DDB0  # good, progress
KRILL = 0xFFFF8A70  # warm accent, close
SUN = 0xFFFFD07A  # highlight
DUSK = 0xFFA493F2  # second cool accent

ACCENTS = (GLACIER, AURORA, SUN, KRILL, DUSK)


def mix(a: int, b: int, t: float) -> int:
    """Return the colour a fraction `t` of the way from `a` to `b`, channel by channel."""
    channels = (round((a >> s & 255) * (1 - t) + (b >> s & 255) * t) << s for s in (24, 16, 8, 0))
    return sum(channels)


def faded(colour: int, opacity: float) -> int:
    """Return `colour` with its alpha multiplied by `opacity` (0 to 1)."""
    return (colour & 0xFFFFFF) | round((colour >> 24) * opacity) << 24
