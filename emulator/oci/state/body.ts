import { invalid, missing } from "./errors.js";

/** A request's body. */
export type Body = Record<string, unknown>;

/** The object that a property holds; empty if the property is absent. */
export function part(body: Body, property: string): Body {
  const value = body[property] ?? {};
  if (typeof value !== "object" || Array.isArray(value)) throw invalid(`${property} is invalid`);
  return value as Body;
}

/** The list that a property holds; empty if the property is absent. */
export function list<T>(body: Body, property: string): T[] {
  const value = body[property] ?? [];
  if (!Array.isArray(value)) throw invalid(`${property} must be a list`);
  return value as T[];
}

/** @throws OciError 400 if one of the properties is absent or empty. */
export function require(body: Body, ...properties: string[]): void {
  for (const property of properties) {
    if (body[property] === undefined || body[property] === "") throw missing(property);
  }
}

/** @throws OciError 400 if the value is not one of those allowed. */
export function oneOf(name: string, value: unknown, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return;
  throw invalid(`Invalid ${name}: ${String(value)}. Allowed values: ${allowed.join(", ")}`);
}
