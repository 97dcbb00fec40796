"""wl_data_device_manager and its global."""

from __future__ import annotations

from enum import IntFlag

from compositor.protocol.common import implementation_error
from compositor.protocol.wl_data_device_manager.device import MAX_DEVICES, WlDataDevice, data_devices
from compositor.protocol.wl_data_device_manager.source import ClientSource, WlDataSource
from compositor.protocol.wl_seat import WlSeat
from compositor.wire import Interface, NewId, request


class WlDataDeviceManager(Interface, name="wl_data_device_manager", version=4):
    """Makes sources and devices."""

    __slots__ = ()

    class DndAction(IntFlag):
        NONE = 0
        COPY = 1
        MOVE = 2
        ASK = 4

    @request()
    def create_data_source(self, id: NewId[WlDataSource]) -> None:
        resource = WlDataSource(self.client, id, self.version)
        resource.source = ClientSource(resource)

    @request()
    def get_data_device(self, id: NewId[WlDataDevice], seat: WlSeat) -> None:
        device = WlDataDevice(self.client, id, self.version)
        device.room = data_devices(seat.entry)
        if not device.room.add(device):
            raise implementation_error(self, f"more than {MAX_DEVICES} data devices")

    @request(since=4, destructor=True)
    def release(self) -> None: ...
