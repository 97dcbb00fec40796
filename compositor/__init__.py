"""Weddell: a Wayland compositor in Python whose clients share sealed memory."""

__version__ = "0.1.0"
