"""wp_single_pixel_buffer_manager_v1: buffers of one colour, without memory.

Source: single-pixel-buffer-v1.xml.
"""

from __future__ import annotations

from compositor.model.buffer import Buffer
from compositor.model.content import SolidContent
from compositor.protocol.wl_shm import WlBuffer
from compositor.wire import Interface, NewId, Uint, request

_FULL = 0xFFFF_FFFF


class WpSinglePixelBufferManagerV1(Interface, name="wp_single_pixel_buffer_manager_v1", version=1):
    """Makes buffers of 1x1 pixels; a viewport gives them a size."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def create_u32_rgba_buffer(self, id: NewId[WlBuffer], r: Uint, g: Uint, b: Uint, a: Uint) -> None:
        content = SolidContent(r / _FULL, g / _FULL, b / _FULL, a / _FULL)
        WlBuffer(self.client, id, 1).attach_model(Buffer(1, 1, content))
