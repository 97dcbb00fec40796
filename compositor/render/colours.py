"""Changes to the colours of a whole output: as other eyes see them, and warmer light for the night.

`compositor.render.gl.output` applies them to what is shown, `applied_rgba` to pictures. Backends choose, and
whoever captures.

Source of the matrices: G. M. Machado, M. M. Oliveira and L. A. F. Fernandes, "A Physiologically-based Model
for Simulation of Color Vision Deficiency", IEEE Transactions on Visualization and Computer Graphics 15 (6),
2009; severity 1.0. They act on linear RGB.
"""

from __future__ import annotations

from enum import Enum
from math import log
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Matrix = tuple[float, float, float, float, float, float, float, float, float]
"""Row by row."""

DAYLIGHT_K = 6500
NIGHT_K = 3600
COLDEST_K, WARMEST_K = DAYLIGHT_K, 1000
_ROWS = 64


class Vision(Enum):
    """Whose eyes look."""

    NORMAL = "normal"
    DEUTERANOPIA = "deuteranopia"
    PROTANOPIA = "protanopia"
    TRITANOPIA = "tritanopia"

    @property
    def next(self) -> Vision:
        """The one after it, in a circle."""
        members = list(Vision)
        return members[(members.index(self) + 1) % len(members)]


MATRICES: dict[Vision, Matrix] = {
    Vision.NORMAL: (1, 0, 0, 0, 1, 0, 0, 0, 1),
    Vision.PROTANOPIA: (
        *(0.152286, 1.052583, -0.204868),
        *(0.114503, 0.786281, 0.099216),
        *(-0.003882, -0.048116, 1.051998),
    ),
    Vision.DEUTERANOPIA: (
        *(0.367322, 0.860646, -0.227968),
        *(0.280085, 0.672501, 0.047413),
        *(-0.011820, 0.042940, 0.968881),
    ),
    Vision.TRITANOPIA: (
        *(1.255528, -0.076749, -0.178779),
        *(-0.078411, 0.930809, 0.147602),
        *(0.004733, 0.691367, 0.303900),
    ),
}


class Colours(NamedTuple):
    """What is done to the colours of an output.

    Attributes:
        vision: whose eyes look.
        temperature_k: of white, kelvin: 6500 leaves it alone, 3500 is lamp light.
    """

    vision: Vision = Vision.NORMAL
    temperature_k: int = DAYLIGHT_K

    @property
    def plain(self) -> bool:
        """Whether nothing is done."""
        return self == Colours()

    @property
    def matrix(self) -> Matrix:
        """For linear RGB."""
        return MATRICES[self.vision]

    @property
    def gains(self) -> tuple[float, float, float]:
        """For encoded red, green and blue."""
        return white(self.temperature_k)


def white(temperature_k: int) -> tuple[float, float, float]:
    """Return red, green and blue of white light of a temperature, 1 for daylight.

    Args:
        temperature_k: `WARMEST_K` to `COLDEST_K`; others count as the nearest of these.

    Source: logarithms through the sRGB values of black bodies, within 0.02 of the table of M. Charity.
    """
    kelvin = min(max(temperature_k, WARMEST_K), COLDEST_K) / 100
    daylight = DAYLIGHT_K / 100

    def green(value: float) -> float:
        return 0.39008157876902 * log(value) - 0.63184144378863

    def blue(value: float) -> float:
        return 0.54320678911019 * log(value - 10) - 1.19625408914 if value > 19 else 0.0

    return 1.0, max(0.0, green(kelvin) / green(daylight)), max(0.0, blue(kelvin) / blue(daylight))


def applied_rgba(image: npt.NDArray[np.uint8], colours: Colours) -> npt.NDArray[np.uint8]:
    """Return a picture with its colours changed, as the output pass shows it.

    Args:
        image: (height, width, 4) uint8, red, green, blue, and alpha that is kept and that they are not
            multiplied by.
    """
    import numpy as np

    encoded = np.arange(256) / 255
    light = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    light = light.astype(np.float32)
    matrix = np.array(colours.matrix, np.float32).reshape(3, 3).T
    gains = np.array(colours.gains, np.float32) * 255
    result = image.copy()
    # In bands: what lies between would be many times the picture.
    for top in range(0, len(image), _ROWS):
        seen = np.clip(light[image[top : top + _ROWS, :, :3]] @ matrix, 0, 1)
        shown = np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055) * gains
        result[top : top + _ROWS, :, :3] = np.floor(shown + 0.5)
    return result
