import type { Body } from "../state/body.js";
import type { Cloud } from "../cloud.js";
import { notFound } from "../state/errors.js";
import { mayUse } from "../network/resources.js";
import type { WorkRequest } from "../state/work-requests.js";

/** A request after its signature was checked. */
export interface Call {
  params: string[];
  query: Record<string, string>;
  body: Body;
}

/** What is answered: an object or a list as JSON, or text. */
export interface Answer {
  status: number;
  body?: unknown;
  text?: string;
  workRequest?: WorkRequest;
}

export type Handler = (cloud: Cloud, call: Call) => Answer;

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const accepted = (workRequest: WorkRequest): Answer => ({ status: 202, workRequest });

export function inCompartment({ query }: Call): void {
  if (query["compartmentId"] !== undefined && !mayUse(query["compartmentId"])) throw notFound();
}
