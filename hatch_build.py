"""Part of an installation: compiles the hot paths, where a C compiler is. Else Python does the same."""

from __future__ import annotations

import os
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileHook(BuildHookInterface):
    """Adds the compiled modules to a wheel, or makes them beside the sources of an editable installation."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before the wheel is put together."""
        if self.target_name != "wheel" or os.environ.get("WEDDELL_PURE", "0") not in ("", "0"):
            return
        sys.path.insert(0, self.root)
        try:
            from compositor.native import build

            if not build.can_build():
                return
            files = build.build()
        except Exception as error:
            self.app.display_warning(f"weddell is installed without its compiled modules: {error}")
            return
        finally:
            sys.path.remove(self.root)
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        if version != "editable":
            for file in files:
                build_data["force_include"][str(file)] = str(file.relative_to(self.root))
