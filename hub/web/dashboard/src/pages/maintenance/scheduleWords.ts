// When a maintenance window runs, in words.

import { clock, span } from "../../model/format";
import type { Maintenance } from "../../model/maintenance";
import { texts } from "../../texts";

export function scheduleWords({ once, recurring }: Maintenance, nowMs: number): string {
  if (once !== null) return texts.maintenance.once(clock(Date.parse(once.startsAt), nowMs), clock(Date.parse(once.endsAt), nowMs));
  if (recurring === null) return "";
  const days = recurring.weekdays.length === 7 ? texts.maintenance.daily : recurring.weekdays.map((day) => texts.maintenance.weekdays[day]).join(", ");
  return texts.maintenance.recurs(days, recurring.start, span(recurring.durationS * 1000), recurring.timezone);
}
