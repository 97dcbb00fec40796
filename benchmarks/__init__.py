"""What Weddell costs, measured next to Sway and Weston in the same run.

For developers of the compositor; not shipped in the wheel and imported by nothing in it. Each module
that measures is a command: ``python -m benchmarks --help`` names them.
"""
