import { invalid, missing } from "./errors.js";

/** A request's body. */
export type Body = Record<string, unknown>;

/** An object inside a body; an empty one where it is not there. */
export function part(body: Body, property: string): Body {
  const value = body[property] ?? {};
  if (typeof value !== "object" || Array.isArray(value)) throw invalid(`${property} is invalid`);
  return value as Body;
}

/** A list inside a body; an empty one where it is not there. */
export function list<T>(body: Body, property: string): T[] {
  const value = body[property] ?? [];
  if (!Array.isArray(value)) throw invalid(`${property} must be a list`);
  return value as T[];
}

export function require(body: Body, ...properties: string[]): void {
  for (const property of properties) {
    if (body[property] === undefined || body[property] === "") throw missing(property);
  }
}

export function oneOf(name: string, value: unknown, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return;
  throw invalid(`Invalid ${name}: ${String(value)}. Allowed values: ${allowed.join(", ")}`);
}
