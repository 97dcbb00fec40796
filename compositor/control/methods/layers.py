"""Layer surfaces: panels, wallpapers, launchers. Coordinates are layout pixels."""

from __future__ import annotations

from typing import Any

from compositor.control.host import Host
from compositor.control.jsonrpc import Code, RequestError
from compositor.control.params import Coordinate, Identifier
from compositor.control.registry import method
from compositor.model.layer import LayerSurface


class LayerMethods:
    """The namespaces ``layers`` and ``layer``."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @method("layers.list")
    def list(self) -> Any:
        """Every layer surface, shown or not, in the order created."""
        return [self._describe(surface) for surface in self._host.desktop.layers.surfaces]

    @staticmethod
    def _describe(item: LayerSurface) -> dict[str, Any]:
        client: Any = item.surface.client
        resource = item.surface.resource
        return {
            "id": item.id,
            "namespace": item.namespace,
            "layer": item.state.layer.name.lower(),
            "output": item.output.name,
            "client": client.name,
            "peer": client.peer,
            "surface": resource.oid if resource is not None else None,
            "x": item.x,
            "y": item.y,
            "width": item.geometry.width,
            "height": item.geometry.height,
            "mapped": item.mapped,
        }

    @method("layer.move")
    def move(self, id: Identifier, x: Coordinate, y: Coordinate) -> None:
        """Put a layer surface's top-left corner there, until its output is arranged anew."""
        surfaces: list[LayerSurface] = self._host.desktop.layers.surfaces
        item = next((surface for surface in surfaces if surface.id == id), None)
        if item is None:
            known = ", ".join(f"{surface.id} {surface.namespace!r}" for surface in surfaces) or "none"
            text = f"layer.move: there is no layer surface {id} (there are: {known})"
            raise RequestError(Code.NOT_FOUND, text)
        item.move_to(round(x), round(y))
