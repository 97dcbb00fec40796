"""Fixtures for the control socket's tests."""

from control_rig import connect, loop

__all__ = ["connect", "loop"]
