// Waiting for what is to come, with a deadline.

const DEADLINE_MS = 8_000;

export function within<T = void>(what: string, begin: (done: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${what} within ${DEADLINE_MS} ms`)), DEADLINE_MS);
    begin((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

/** Looks again and again until `condition` holds. */
export async function until(what: string, condition: () => boolean, deadlineMs = DEADLINE_MS): Promise<void> {
  const ends = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > ends) throw new Error(`not in ${deadlineMs} ms: ${what}`);
    await new Promise((later) => setTimeout(later, 5));
  }
}

/** Returns a token that says who it is for and, as an unsigned JWT, until when. */
export function tokenOf(claims: Record<string, unknown>): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part(claims)}.x`;
}
