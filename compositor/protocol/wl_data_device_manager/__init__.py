"""wl_data_device_manager and what it makes: clipboard, and drag and drop.

Source: wayland.xml; errors as in wlroots (types/data_device) where the
protocol leaves them open.
"""

from compositor.protocol.wl_data_device_manager.device import DataDevices, WlDataDevice, data_devices, may_set
from compositor.protocol.wl_data_device_manager.manager import WlDataDeviceManager
from compositor.protocol.wl_data_device_manager.offer import WlDataOffer
from compositor.protocol.wl_data_device_manager.source import ClientSource, WlDataSource, add_mime_type

__all__ = [
    "ClientSource",
    "DataDevices",
    "WlDataDevice",
    "WlDataDeviceManager",
    "WlDataOffer",
    "WlDataSource",
    "add_mime_type",
    "data_devices",
    "may_set",
]
