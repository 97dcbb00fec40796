"""The global of an output, and who has bound it. What they have bound is `compositor.protocol.wl_output`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from compositor.model.desktop import Desktop
from compositor.model.output import Output
from compositor.model.surface import Surface
from compositor.protocol.common import implementation_error
from compositor.wire import Client, Display

if TYPE_CHECKING:
    from compositor.protocol.wl_output import WlOutput

NAME, VERSION = "wl_output", 4
"""Of what is announced before its class is there."""


def on_bound(client: Client) -> list[Callable[[WlOutput], None]]:
    """Return what is called with each wl_output that a client binds from now on."""
    hooks: list[Callable[[WlOutput], None]] = client.data.setdefault("output bound", [])
    return hooks


class OutputGlobal:
    """The wl_output global of one output and everybody who bound it."""

    def __init__(self, display: Display, desktop: Desktop, output: Output) -> None:
        self.display = display
        self.desktop = desktop
        self.output = output
        self._bound: dict[Client, list[WlOutput]] = {}
        output.resource = self
        self.entry = display.announce(NAME, VERSION, self._bind)

    def _bind(self, client: Client, oid: int, version: int) -> WlOutput:
        # Imported when the first client binds one, or when there is time.
        from compositor.protocol.wl_output import WlOutput

        limit = client.display.limits.output_binds
        if len(self.of_client(client)) >= limit:
            raise implementation_error(client.display_resource, f"one output bound more than {limit} times")
        resource = WlOutput(client, oid, version)
        resource.output = self.output
        resource.extensions = {}
        self._bound.setdefault(client, []).append(resource)
        resource.name_(self.output.name)
        resource.description(self.output.description)
        resource.send_all()
        for entry in self.desktop.scene.outputs:
            if entry.output is self.output:
                for shown in list(entry.table):
                    if isinstance(shown, Surface) and shown.client is client and shown.resource is not None:
                        shown.resource.enter(resource)
        for hook in list(on_bound(client)):
            hook(resource)
        return resource

    def of_client(self, client: Client) -> list[WlOutput]:
        """Return what a client bound of this output."""
        return self._bound.get(client, [])

    def forget(self, resource: WlOutput) -> None:
        """A client destroyed its wl_output, or is gone."""
        bound = self._bound.get(resource.client, [])
        if resource in bound:
            bound.remove(resource)
        if not bound:
            self._bound.pop(resource.client, None)

    def changed(self) -> None:
        """Tell everybody the new state."""
        for bound in self._bound.values():
            for resource in bound:
                resource.send_all()
        # A surface that stays where it is may now want another scale.
        self.desktop.scene.update()
        for view in self.desktop.scene.views:
            if view.surface is not None and self.output in view.surface.outputs:
                resource = view.surface.resource
                if resource is not None:
                    resource.send_preferred()

    def remove(self) -> None:
        """The output is gone."""
        self.display.remove_global(self.entry)
