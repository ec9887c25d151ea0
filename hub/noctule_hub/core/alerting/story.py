"""What became of an alert enters the draft. Who sets an alert in the world past `apply_change` calls this too."""

from noctule_hub.core.alerting.steps import AlertStep, steps_between
from noctule_hub.core.records import Alert
from noctule_hub.core.world import Draft


def tell_steps(draft: Draft, before: Alert | None, after: Alert, *, by: str | None = None) -> None:
    """Draft what became of an alert as steps; `before` None: it has just opened, `by` None: it came by itself."""
    rule = draft.world.rules.by_name.get(after.rule)
    revision = None if rule is None else rule.revision
    steps = steps_between(before, after, now_ms=draft.now_ms, by=by, revision=revision)
    draft.steps.extend(AlertStep(after.id, step) for step in steps)
