import type { Body } from "../state/body.js";
import type { Cloud } from "../cloud.js";
import { notFound } from "../state/errors.js";
import { mayUse } from "../tenancy/identity.js";
import type { WorkRequest } from "../state/work-requests.js";

/** A request whose signature is valid. */
export interface Call {
  params: string[];
  query: Record<string, string>;
  body: Body;
}

/** A response: JSON, or text. */
export interface Answer {
  status: number;
  body?: unknown;
  text?: string;
  workRequest?: WorkRequest;
}

export type Handler = (cloud: Cloud, call: Call) => Answer;

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const accepted = (workRequest: WorkRequest): Answer => ({ status: 202, workRequest });

/** @throws OciError 404 if the request names a compartment that the user cannot access. */
export function inCompartment({ query }: Call): void {
  if (query["compartmentId"] !== undefined && !mayUse(query["compartmentId"])) throw notFound();
}
