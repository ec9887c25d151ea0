"""What notifications tell whoever collects metrics: by channel what waits, was given up, and became of attempts."""

from collections.abc import Iterator

from noctule_hub.core.exposition import Family, Sample, counter, gauge
from noctule_hub.notify.worker import Notifications


def families(notifications: Notifications) -> Iterator[Family]:
    """Yield the families of channels and their queue; a channel is named by its id, which never means another one."""
    states = sorted(notifications.states.items())
    queued: list[Sample] = [({"channel": str(channel)}, state.queued) for channel, state in states]
    yield gauge("noctule_hub_notifications_queued", "Deliveries that wait to be sent.", queued)
    dead: list[Sample] = [({"channel": str(channel)}, state.dead) for channel, state in states]
    yield gauge("noctule_hub_notifications_dead", "Deliveries that were given up.", dead)
    failing: list[Sample] = [
        ({"channel": str(channel)}, int(state.failing_since_ms is not None)) for channel, state in states
    ]
    yield gauge("noctule_hub_notification_channel_failing", "1 while the newest message was not taken.", failing)
    attempts: list[Sample] = [
        ({"channel": str(channel), "outcome": outcome}, number)
        for (channel, outcome), number in sorted(notifications.attempts.items())
    ]
    yield counter("noctule_hub_notification_attempts_total", "Messages sent, by what became of them.", attempts)
    failures = notifications.template_failures
    yield counter("noctule_hub_notification_template_failures_total", "Templates that could not be used.", failures)
