// Requests to the hub's HTTP interface. Alone knows fetch; who signs in and what is kept is left to `session`.

import { span } from "../model/format";
import { texts } from "../texts";

export const API = "/api/v1";
const TIMEOUT_MS = 15_000;

/** A refusal by the hub, or no answer at all (`status` 0). */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterS: number | null;
  /** The part of what was sent that is not as it must be, e.g. `snmp.port`. */
  readonly field: string | null;

  constructor(status: number, code: string, message: string, retryAfterS: number | null = null, field: string | null = null) {
    super(message);
    this.name = "HttpError";
    this.status = status;
    this.code = code;
    this.retryAfterS = retryAfterS;
    this.field = field;
  }
}

export interface Ask {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  token?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
  /** How long an answer is waited for, in milliseconds. */
  timeoutMs?: number;
}

/** Returns the answer's JSON, undefined when it has none. Throws HttpError. */
export async function ask<T>(path: string, options: Ask = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json", ...options.headers };
  if (options.token) headers["Authorization"] = `Bearer ${options.token}`;
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  const patienceMs = options.timeoutMs ?? TIMEOUT_MS;
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: options.method ?? "GET",
      headers,
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(patienceMs),
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    throw late ? new HttpError(0, "timeout", texts.answer.timeout(span(patienceMs))) : new HttpError(0, "unreachable", texts.answer.unreachable);
  }
  const text = await answer.text().catch(() => "");
  const body: unknown = parse(text);
  if (!answer.ok) throw refusal(answer.status, body);
  // A proxy or a sign-in page of the network may answer in the hub's place, and well.
  if (body === undefined && text !== "") throw new HttpError(0, "unreadable", texts.answer.unreadable);
  return body as T;
}

/** Returns a file, however long the hub takes to make it. Throws HttpError. */
export async function askFile(path: string, token: string, method: "GET" | "POST" = "GET"): Promise<Blob> {
  let answer: Response;
  try {
    answer = await fetch(path, { method, headers: { Authorization: `Bearer ${token}` }, credentials: "same-origin", cache: "no-store" });
  } catch {
    throw new HttpError(0, "unreachable", texts.answer.unreachable);
  }
  if (!answer.ok) throw refusal(answer.status, parse(await answer.text().catch(() => "")));
  try {
    return await answer.blob();
  } catch {
    throw new HttpError(0, "unreachable", texts.answer.broken);
  }
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
  const field = typeof problem["field"] === "string" ? problem["field"] : null;
  return new HttpError(status, code, typeof message === "string" ? texts.hubSays(message) : texts.answer.status(status), retryAfterS, field);
}
