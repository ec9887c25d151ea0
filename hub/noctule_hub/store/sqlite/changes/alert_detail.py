"""Rules about measurements and changes, and what an alert keeps of its rule, its incident and who is to look at it."""

from typing import Final

from sqlite_utils import Database

_COLUMNS: Final = (
    "ALTER TABLE alert ADD COLUMN rule_revision INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE alert ADD COLUMN evidence TEXT",
    "ALTER TABLE alert ADD COLUMN assignee TEXT",
    "ALTER TABLE alert ADD COLUMN incident TEXT",
)
_RULES: Final = (
    (
        "high-latency",
        '{"kind":"high-latency","timesUsual":3.0,"clearTimesUsual":2.0,"aboveUsualS":0.02,"clearAboveUsualS":0.015,"limitS":0.25,"clearLimitS":0.2}',
        "warning",
        60000,
        1,
    ),
    ("high-loss", '{"kind":"high-loss","lossRatio":0.2,"clearRatio":0.05,"windowS":60}', "warning", 0, 1),
    ("device-degraded", '{"kind":"device-degraded"}', "warning", 60000, 0),
    ("device-unreachable", '{"kind":"device-unreachable"}', "warning", 0, 0),
    ("device-flapping", '{"kind":"device-flapping"}', "warning", 0, 1),
    ("rebooted", '{"kind":"rebooted","holdS":900}', "info", 0, 0),
    ("interface-flapping", '{"kind":"interface-flapping"}', "warning", 0, 1),
    ("link-changed", '{"kind":"link-changed","holdS":3600}', "warning", 0, 0),
    ("high-utilisation", '{"kind":"high-utilisation","utilRatio":0.9,"clearRatio":0.8}', "warning", 300000, 0),
    ("high-errors", '{"kind":"high-errors","errorRatio":0.01,"clearRatio":0.001,"least":10}', "warning", 120000, 0),
    (
        "high-discards",
        '{"kind":"high-discards","discardRatio":0.01,"clearRatio":0.001,"least":100}',
        "warning",
        300000,
        0,
    ),
    ("over-committed", '{"kind":"over-committed","timesCommitted":1.0,"clearTimes":0.98}', "info", 0, 0),
    ("clock-skew", '{"kind":"clock-skew","skewS":5.0,"clearS":2.0}', "warning", 60000, 0),
    ("storage-low", '{"kind":"storage-low","freeRatio":0.1,"clearRatio":0.15}', "critical", 60000, 1),
)
# Somebody may have a rule of that name already.
_ADD_RULE: Final = """INSERT OR IGNORE INTO alert_rule (name, condition, severity, for_ms, enabled, selector,
    created_ms)
    VALUES (?, ?, ?, ?, ?, '{}', 0)"""


def add_alert_detail(db: Database) -> None:
    """Add columns that are empty at first, and rules of which only those are enabled that find what nobody planned."""
    for statement in _COLUMNS:
        db.execute(statement)
    for rule in _RULES:
        db.execute(_ADD_RULE, rule)
