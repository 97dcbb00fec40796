"""Outputs: listed, plugged in and out, configured."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from compositor.control.host import Host
from compositor.control.jsonrpc import Code, RequestError
from compositor.control.params import Coordinate, Range, Size
from compositor.control.registry import method
from compositor.geometry import Transform
from compositor.model.output import Output

Refresh = Annotated[int, Range(1_000, 1_000_000)]
Scale = Annotated[float, Range(0.1, 16)]
Name = Annotated[str, Range(1, 64)]
VisionName = Literal["normal", "deuteranopia", "protanopia", "tritanopia"]
Temperature = Annotated[int, Range(1_000, 6_500)]
TransformName = Literal["normal", "90", "180", "270", "flipped", "flipped-90", "flipped-180", "flipped-270"]
_TRANSFORMS = dict(
    zip(
        ("normal", "90", "180", "270", "flipped", "flipped-90", "flipped-180", "flipped-270"),
        Transform,
        strict=True,
    )
)
_NAMES = {transform: name for name, transform in _TRANSFORMS.items()}
_MAX_OUTPUTS = 64
_MAX_PIXELS = 1 << 27


def find_output(host: Host, name: str, output: str | None) -> Output:
    """Return the output of that name, or the first one.

    Raises:
        RequestError: if it is not there, naming those there are.
    """
    outputs: list[Output] = host.desktop.outputs
    if output is None and outputs:
        return outputs[0]
    for found in outputs:
        if found.name == output:
            return found
    known = ", ".join(o.name for o in outputs) or "none"
    raise RequestError(Code.NOT_FOUND, f"{name}: there is no output {output!r} (there are: {known})")


def describe(output: Output, host: Host) -> dict[str, Any]:
    """Return what drivers are told of an output."""
    rect = output.rect_layout
    screen = host.backend.screens.get(output)
    decision = getattr(screen, "last_scanout", None)
    return {
        "name": output.name,
        "description": output.description,
        "x": rect.x,
        "y": rect.y,
        "layout_width": rect.width,
        "layout_height": rect.height,
        "width": output.width,
        "height": output.height,
        "refresh_mhz": output.refresh_mhz,
        "scale": output.scale,
        "transform": _NAMES[output.transform],
        "frames": output.frames,
        "drawn": getattr(screen, "drawn", 0),
        "scanned_out": getattr(screen, "scanned_out", 0),
        "scanout": decision.reason if decision is not None else None,
    }


class Outputs:
    """The namespaces ``outputs`` and ``output``."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @method("outputs.list")
    def list(self) -> Any:
        """Every output, in the order added."""
        return [describe(output, self._host) for output in self._host.desktop.outputs]

    @method("output.add")
    def add(
        self,
        width: Size,
        height: Size,
        refresh_mhz: Refresh = 60_000,
        scale: Scale = 1.0,
        name: Name | None = None,
        x: Coordinate | None = None,
        y: Coordinate | None = None,
    ) -> dict[str, Any]:
        """Plug in an output of a mode, right of the others unless told where."""
        desktop, backend = self._host.desktop, self._host.backend
        if len(desktop.outputs) >= _MAX_OUTPUTS:
            raise RequestError(Code.FAILED, f"output.add: there are {_MAX_OUTPUTS} outputs already")
        _check_size("output.add", width, height)
        if name is None:
            name = backend.next_name()
        elif any(output.name == name for output in desktop.outputs):
            raise RequestError(Code.FAILED, f"output.add: there is an output {name!r} already")
        place = x is None and y is None
        output = Output(name, width, height, refresh_mhz, scale, x=round(x or 0), y=round(y or 0))
        backend.add_output(output, place)
        return describe(output, self._host)

    @method("output.remove")
    def remove(self, output: Name) -> None:
        """Plug an output out; its windows move to what remains."""
        found = find_output(self._host, "output.remove", output)
        if len(self._host.desktop.outputs) == 1:
            raise RequestError(Code.FAILED, "output.remove: this is the last output")
        self._host.backend.remove_output(found)

    @method("output.configure")
    def configure(
        self,
        output: Name | None = None,
        width: Size | None = None,
        height: Size | None = None,
        refresh_mhz: Refresh | None = None,
        scale: Scale | None = None,
        transform: TransformName | None = None,
        x: Coordinate | None = None,
        y: Coordinate | None = None,
    ) -> dict[str, Any]:
        """Change what is given; sizes in output pixels, places in layout pixels."""
        found = find_output(self._host, "output.configure", output)
        _check_size("output.configure", width or found.width, height or found.height)
        found.configure(
            width,
            height,
            refresh_mhz,
            scale,
            None if transform is None else _TRANSFORMS[transform],
            None if x is None else round(x),
            None if y is None else round(y),
        )
        return describe(found, self._host)

    @method("output.colours")
    def colours(
        self, vision: VisionName | None = None, temperature_k: Temperature | None = None
    ) -> dict[str, Any]:
        """Change what is given of how outputs in windows are shown: whose eyes look, how warm white is.

        Captures keep their colours, unless they ask for others.
        """
        from compositor.render.colours import Colours, Vision

        backend: Any = self._host.backend
        before: Colours = getattr(backend, "colours", Colours())
        after = Colours(
            before.vision if vision is None else Vision(vision),
            before.temperature_k if temperature_k is None else temperature_k,
        )
        change = getattr(backend, "change_colours", None)
        if after != before and (change is None or not change(after)):
            text = "output.colours: this needs a window drawn with OpenGL (capture has a vision without)"
            raise RequestError(Code.FAILED, text)
        return {"vision": after.vision.value, "temperature_k": after.temperature_k}


def _check_size(name: str, width: int, height: int) -> None:
    if width * height > _MAX_PIXELS:
        text = f"{name}: {width}×{height} is more than {_MAX_PIXELS} pixels"
        raise RequestError(Code.INVALID_PARAMS, text)
