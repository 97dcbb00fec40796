"""zwlr_output_manager_v1: one client's view of all outputs."""

from __future__ import annotations

from compositor.model.output import Output
from compositor.protocol.common import desktop_of
from compositor.protocol.wlr_output_management.configuration import ZwlrOutputConfigurationV1
from compositor.protocol.wlr_output_management.head import ZwlrOutputHeadV1
from compositor.wire import Client, Interface, NewId, NewObject, Uint, event, request


class ZwlrOutputManagerV1(Interface, name="zwlr_output_manager_v1", version=4):
    """One client's view of all outputs.

    Attributes:
        serial: of the newest `done`; a configuration made with another one is cancelled.
    """

    __slots__ = ("heads", "serial")

    heads: dict[Output, ZwlrOutputHeadV1]
    serial: int

    @event()
    def head(self, head: NewObject[ZwlrOutputHeadV1]) -> None:
        """There is an output; what it is follows."""

    @event()
    def done(self, serial: Uint) -> None:
        """All that changed has been told."""

    @request()
    def create_configuration(self, id: NewId[ZwlrOutputConfigurationV1], serial: Uint) -> None:
        resource = ZwlrOutputConfigurationV1(self.client, id, self.version)
        resource.manager = self
        resource.serial = serial
        resource.heads = {}
        resource.used = False

    @request()
    def stop(self) -> None:
        self.finished()

    @event(destructor=True)
    def finished(self) -> None:
        """Nothing more will come."""

    def start(self) -> None:
        """Tell of every output from now on."""
        self.heads = {}
        self.serial = 0
        desktop_of(self).on_heads.append(self.update)
        self.update()

    def update(self) -> None:
        """Tell what is not as it was told last."""
        present = desktop_of(self).heads
        news = False
        for output in list(self.heads):
            if output not in present:
                self.heads.pop(output).finish()
                news = True
        for output in present:
            head = self.heads.get(output)
            if head is None:
                head = self.heads[output] = ZwlrOutputHeadV1(self.client, 0, self.version)
                self.head(head)
                head.introduce(self, output)
                news = True
            elif head.update():
                news = True
        if news or not self.serial:
            self.serial = self.client.display.next_serial()
            self.done(self.serial)

    def destroyed(self) -> None:
        hooks = desktop_of(self).on_heads
        if self.update in hooks:
            hooks.remove(self.update)


def bind_manager(client: Client, oid: int, version: int) -> ZwlrOutputManagerV1:
    """Bind the manager and tell what there is."""
    resource = ZwlrOutputManagerV1(client, oid, version)
    resource.start()
    return resource
