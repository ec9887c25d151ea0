// How long to wait before the next attempt. Pure: the random number is an argument.

export const FIRST_DELAY_MS = 500;
export const LONGEST_DELAY_MS = 20_000;

/**
 * Returns the delay before attempt `attempt` (0 is the first after a loss): the bound doubles from 0.5 s to 20 s and
 * the delay lies evenly between half of it and all of it, so that a thousand clients do not come back in one moment.
 * `random` is in [0, 1).
 */
export function backoffMs(attempt: number, random: number): number {
  const bound = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 16));
  return Math.round(bound * (0.5 + random / 2));
}
