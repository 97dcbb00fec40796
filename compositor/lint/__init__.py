"""Client lint: what a program does badly, with time, object and request.

It hears every message through the tracer of `compositor.wire`, looks at the
surface a commit is about to change, and compares pixels; the programs notice
nothing. Without ``--lint`` none of it is imported, and nothing is asked on the
way of a message. `findings` has the rules and what broke them, `look` what a
commit brings, and the other modules a few rules each. The server makes it, the
control socket reads it through the server.
"""

from compositor.lint.findings import RULES, Finding, Findings, Severity
from compositor.lint.lint import Lint

__all__ = ["RULES", "Finding", "Findings", "Lint", "Severity"]
