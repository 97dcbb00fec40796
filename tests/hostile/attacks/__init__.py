"""Every attack, by what it aims at. Importing this fills `hostile.registry.ATTACKS`."""

from hostile.attacks import connections, floods, memory, rhythm, surfaces, wire

__all__ = ["connections", "floods", "memory", "rhythm", "surfaces", "wire"]
