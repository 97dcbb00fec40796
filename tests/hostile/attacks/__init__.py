"""Every attack, by what it aims at. Importing this fills `hostile.registry.ATTACKS`."""

from hostile.attacks import connections, floods, memory, surfaces, wire

__all__ = ["connections", "floods", "memory", "surfaces", "wire"]
