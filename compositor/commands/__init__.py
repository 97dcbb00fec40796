"""The commands of `weddell`, a module each or a few alike in one.

A module has `DESCRIPTIONS` and `EPILOGS` (examples) by command, `declare` for
its options and `execute` for its work. `compositor.cli` imports the one that
was asked for; nobody else does.
"""
