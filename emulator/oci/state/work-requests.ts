import { setTimeout as sleep } from "node:timers/promises";

import { compartmentId } from "../tenancy/identity.js";
import { notFound, OciError } from "./errors.js";
import type { Faults } from "./faults.js";
import { newOcid, type Store } from "./store.js";

/** Seconds that OCI takes for each kind of work, by and large; a factor scales them. */
const usualSeconds = {
  CLUSTER_CREATE: 420,
  CLUSTER_UPDATE: 600,
  CLUSTER_DELETE: 240,
  NODEPOOL_CREATE: 180,
  NODEPOOL_UPDATE: 240,
  NODEPOOL_DELETE: 180,
  LOADBALANCER_CREATE: 45,
  LOADBALANCER_DELETE: 30,
} as const;

export type OperationType = keyof typeof usualSeconds;

export interface WorkRequest {
  id: string;
  operationType: OperationType;
  status: "ACCEPTED" | "IN_PROGRESS" | "SUCCEEDED" | "FAILED";
  compartmentId: string;
  resources: { actionType: string; entityType: string; identifier: string; entityUri: string }[];
  errors: { code: string; message: string; timestamp: string }[];
  timeAccepted: string;
  timeFinished?: string;
  percentComplete: number;
  /** What the work needs to know. */
  details: Record<string, unknown>;
}

/** What is to be done; runs again from its beginning after a restart. Throws OciError where it fails. */
export type Work = (identifier: string, details: Record<string, unknown>) => Promise<void>;

/** OCI's way to do what takes its time: accepted at once, followed by its id, remembered across restarts. */
export class WorkRequests {
  private readonly all: Record<string, WorkRequest>;
  private readonly running = new Set<Promise<void>>();
  private closed = false;
  /** Scales {@link usualSeconds}; a change also reaches what is under way. */
  factor = 0;
  /** The same for one kind of work, in place of the common one. */
  readonly factors: Partial<Record<OperationType, number>> = {};

  constructor(
    private readonly store: Store,
    private readonly faults: Faults,
    private readonly works: Record<OperationType, Work>,
  ) {
    this.all = store.document("workRequests") ?? {};
  }

  /** Goes on with what a process before this one had accepted. */
  resume(): void {
    for (const request of Object.values(this.all)) {
      if (request.status === "IN_PROGRESS") this.begin(request);
    }
  }

  accept(
    operationType: OperationType,
    identifier: string,
    details: Record<string, unknown> = {},
  ): WorkRequest {
    const entity = (operationType.split("_")[0] ?? "").toLowerCase();
    const request: WorkRequest = {
      id: newOcid(entity === "loadbalancer" ? "loadbalancerworkrequest" : "clustersworkrequest"),
      operationType,
      status: "IN_PROGRESS",
      compartmentId,
      resources: [
        {
          actionType: "IN_PROGRESS",
          entityType: entity,
          identifier,
          entityUri: `/${entity}s/${identifier}`,
        },
      ],
      errors: [],
      timeAccepted: new Date().toISOString(),
      percentComplete: 0,
      details,
    };
    this.all[request.id] = request;
    this.save();
    this.begin(request);
    return request;
  }

  get(id: string): WorkRequest {
    const request = this.all[id];
    if (!request) throw notFound();
    return request;
  }

  /** Whether something is being done to that resource. */
  busy(identifier: string): boolean {
    return Object.values(this.all).some(
      ({ status, resources }) =>
        status === "IN_PROGRESS" &&
        resources.some((resource) => resource.identifier === identifier),
    );
  }

  list(): WorkRequest[] {
    return Object.values(this.all);
  }

  /** Waits for what is under way, without starting what has not begun. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.allSettled([...this.running]);
  }

  private begin(request: WorkRequest): void {
    const work = this.run(request).finally(() => this.running.delete(work));
    this.running.add(work);
  }

  private async run(request: WorkRequest): Promise<void> {
    const { operationType, details } = request;
    const [resource] = request.resources;
    if (!resource) return;
    const work = this.works[operationType];
    // What is being deleted is there to the end; what has been made is not told of before its time.
    const steps = [() => work(resource.identifier, details), () => this.itsTime(request)];
    if (operationType.endsWith("_DELETE")) steps.reverse();
    try {
      this.faults.strike({ operation: operationType });
      for (const step of steps) await step();
      request.status = "SUCCEEDED";
      resource.actionType = actionTypes[operationType.split("_")[1] ?? ""] ?? "RELATED";
    } catch (error) {
      if (this.closed) return;
      request.status = "FAILED";
      resource.actionType = "FAILED";
      const { code, message } = asOciError(error);
      request.errors.push({ code, message, timestamp: new Date().toISOString() });
    }
    request.percentComplete = 100;
    request.timeFinished = new Date().toISOString();
    this.save();
  }

  /** @throws where the process ends before it. */
  private async itsTime({ operationType, timeAccepted }: WorkRequest): Promise<void> {
    for (;;) {
      const factor = this.factors[operationType] ?? this.factor;
      const due = Date.parse(timeAccepted) + usualSeconds[operationType] * 1000 * factor;
      const left = due - Date.now();
      if (left <= 0) return;
      if (this.closed) throw new Error("closed");
      await sleep(Math.min(200, left));
    }
  }

  private save(): void {
    this.store.keep("workRequests", this.all);
  }
}

const actionTypes: Record<string, string> = {
  CREATE: "CREATED",
  UPDATE: "UPDATED",
  DELETE: "DELETED",
};

function asOciError(error: unknown): OciError {
  if (error instanceof OciError) return error;
  return new OciError(500, "InternalError", error instanceof Error ? error.message : String(error));
}
