"""ext_idle_notifier_v1: tells that nobody has used the seat for a while, and that somebody does again.

Source: ext-idle-notify-v1.xml.
"""

from __future__ import annotations

from compositor.model.idle import IdleWatch
from compositor.protocol.common import count_down, count_up, desktop_of
from compositor.protocol.wl_seat import WlSeat
from compositor.wire import Interface, NewId, Uint, event, request


class ExtIdleNotifierV1(Interface, name="ext_idle_notifier_v1", version=2):
    """Makes notifications."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_idle_notification(self, id: NewId[ExtIdleNotificationV1], timeout: Uint, seat: WlSeat) -> None:
        self._watch(id, timeout, True)

    @request(since=2)
    def get_input_idle_notification(
        self, id: NewId[ExtIdleNotificationV1], timeout: Uint, seat: WlSeat
    ) -> None:
        self._watch(id, timeout, False)

    def _watch(self, id: int, timeout_ms: int, heed_inhibitors: bool) -> None:
        resource = ExtIdleNotificationV1(self.client, id, self.version)
        resource.watch = None
        count_up(self, "idle timeouts", self.client.display.limits.idle_timeouts)
        resource.watch = desktop_of(self).idle.watch(
            timeout_ms, heed_inhibitors, resource.idled, resource.resumed
        )


class ExtIdleNotificationV1(Interface, name="ext_idle_notification_v1", version=2):
    """One timeout that somebody waits for."""

    __slots__ = ("watch",)

    watch: IdleWatch | None

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def idled(self) -> None:
        """The timeout has passed."""

    @event()
    def resumed(self) -> None:
        """Somebody is there again."""

    def destroyed(self) -> None:
        if self.watch is not None:
            count_down(self, "idle timeouts")
            self.watch.stop()
