"""zwlr_output_manager_v1: which outputs there are, also those switched off, and how they are set up.

Source: wlr-output-management-unstable-v1.xml.
"""

from compositor.protocol.wlr_output_management.manager import ZwlrOutputManagerV1, bind_manager

__all__ = ["ZwlrOutputManagerV1", "bind_manager"]
