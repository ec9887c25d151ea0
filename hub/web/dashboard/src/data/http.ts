// Requests to the hub's HTTP interface. Alone knows fetch; who signs in and what is kept is left to `session`.

export const API = "/api/v1";
const TIMEOUT_MS = 15_000;

/** A refusal by the hub, or no answer at all (`status` 0). */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterS: number | null;

  constructor(status: number, code: string, message: string, retryAfterS: number | null = null) {
    super(message);
    this.name = "HttpError";
    this.status = status;
    this.code = code;
    this.retryAfterS = retryAfterS;
  }
}

export interface Ask {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  token?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Returns the answer's JSON, undefined when it has none. Throws HttpError. */
export async function ask<T>(path: string, options: Ask = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json", ...options.headers };
  if (options.token) headers["Authorization"] = `Bearer ${options.token}`;
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: options.method ?? "GET",
      headers,
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
  } catch {
    throw new HttpError(0, "unreachable", "The hub does not answer.");
  }
  const text = await answer.text().catch(() => "");
  const body: unknown = parse(text);
  if (!answer.ok) throw refusal(answer.status, body);
  return body as T;
}

function parse(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(status: number, body: unknown): HttpError {
  const problem = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const message = [problem["message"], problem["detail"], problem["title"]].find((part) => typeof part === "string");
  const code = typeof problem["code"] === "string" ? problem["code"] : "error";
  const retryAfterS = typeof problem["retryAfterS"] === "number" ? problem["retryAfterS"] : null;
  return new HttpError(status, code, typeof message === "string" ? message : `The hub answered ${status}.`, retryAfterS);
}
