// What a field of a payload may be. Pure; which fields a payload has is in `generated/checks.ts`.

export type Check = (value: unknown) => boolean;
export type Fields = Readonly<Record<string, Check>>;

export const text: Check = (value) => typeof value === "string";
export const number: Check = (value) => typeof value === "number";
export const flag: Check = (value) => typeof value === "boolean";
export const absent: Check = (value) => value === undefined;
export const time: Check = (value) => typeof value === "string" && !Number.isNaN(Date.parse(value));
export const numbers: Check = (value) => isObject(value) && Object.values(value).every(number);

export const oneOf =
  (...names: string[]): Check =>
  (value) =>
    typeof value === "string" && names.includes(value);

export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

export const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

export const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

/** Lists have hundreds of them each second: their fields are looked up once. */
export const object = (fields: Fields): Check => {
  const checks = Object.entries(fields);
  return (value) => isObject(value) && checks.every(([field, check]) => check(value[field]));
};

/** Returns the name of the first field of `payload` that is not as `fields` promise, null when all are. */
export function firstMisfit(fields: Fields, payload: unknown): string | null {
  if (!isObject(payload)) return "payload";
  return Object.keys(fields).find((field) => fields[field]?.(payload[field]) === false) ?? null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
