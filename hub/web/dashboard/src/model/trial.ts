// A rule tried over history: the parts of the answer put together. Pure.

export interface TrialItem {
  readonly title: string;
  readonly deviceId: number | null;
  readonly interfaceId: number | null;
  readonly agentId: number | null;
  readonly times: number;
  readonly seconds: number;
  readonly longestS: number;
  readonly lastAt: string;
}

export interface Rival {
  readonly rule: string;
  readonly times: number;
  readonly seconds: number;
  readonly objects: number;
}

/** As `POST /api/v1/rules/test` answers; `nextCursor` null: this was the last part. */
export interface TrialPart {
  readonly from: string;
  readonly to: string;
  readonly resolution: string | null;
  readonly objects: number;
  readonly done: number;
  readonly items: readonly TrialItem[];
  readonly present: readonly Rival[];
  readonly nextCursor: string | null;
}

/** Returns two parts as one; null: there is none before. */
export function together(before: TrialPart | null, part: TrialPart): TrialPart {
  if (before === null) return part;
  const rivals = new Map(before.present.map((rival) => [rival.rule, rival]));
  for (const rival of part.present) {
    const sum = rivals.get(rival.rule);
    rivals.set(rival.rule, {
      rule: rival.rule,
      times: rival.times + (sum?.times ?? 0),
      seconds: rival.seconds + (sum?.seconds ?? 0),
      objects: rival.objects + (sum?.objects ?? 0),
    });
  }
  return { ...part, from: before.from, items: [...before.items, ...part.items], present: [...rivals.values()] };
}

/** Returns what the tried rule would have found in all. */
export function totalOf({ items }: TrialPart): { times: number; seconds: number; objects: number } {
  return {
    times: items.reduce((sum, { times }) => sum + times, 0),
    seconds: items.reduce((sum, { seconds }) => sum + seconds, 0),
    objects: items.length,
  };
}
