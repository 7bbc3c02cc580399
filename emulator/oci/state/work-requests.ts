import { setTimeout as sleep } from "node:timers/promises";

import { compartmentId } from "../tenancy/identity.js";
import { notFound, OciError } from "./errors.js";
import type { Faults } from "./faults.js";
import { newOcid, type Store } from "./store.js";

/** Seconds that OCI usually takes for each operation; {@link WorkRequests.factor} scales them. */
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
  /** The handler's input. */
  details: Record<string, unknown>;
}

/** Does the work of an operation. It runs again from the start after a restart, and throws OciError if it fails. */
export type Handler = (identifier: string, details: Record<string, unknown>) => Promise<void>;

/** Long-running operations: accepted at once, followed by the OCID of a work request, resumed after a restart. */
export class WorkRequests {
  private readonly all: Record<string, WorkRequest>;
  private readonly running = new Set<Promise<void>>();
  private closed = false;
  /** Scales {@link usualSeconds}: 1 is OCI's usual time, 0 is none. Also applies to operations in progress. */
  factor = 0;
  /** Replaces {@link factor} for one kind of operation. */
  readonly factors: Partial<Record<OperationType, number>> = {};

  constructor(
    private readonly store: Store,
    private readonly faults: Faults,
    private readonly handlers: Record<OperationType, Handler>,
  ) {
    this.all = store.document("workRequests") ?? {};
  }

  /** Resumes the operations that an earlier process accepted. */
  resume(): void {
    for (const request of Object.values(this.all)) {
      if (request.status === "IN_PROGRESS") this.start(request);
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
    this.start(request);
    return request;
  }

  get(id: string): WorkRequest {
    const request = this.all[id];
    if (!request) throw notFound();
    return request;
  }

  /** Whether an operation on that resource is in progress. */
  isBusy(identifier: string): boolean {
    return Object.values(this.all).some(
      ({ status, resources }) =>
        status === "IN_PROGRESS" &&
        resources.some((resource) => resource.identifier === identifier),
    );
  }

  list(): WorkRequest[] {
    return Object.values(this.all);
  }

  /** Waits for the running handlers; operations that still wait stay in progress for the next process. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.allSettled([...this.running]);
  }

  private start(request: WorkRequest): void {
    const run = this.run(request).finally(() => this.running.delete(run));
    this.running.add(run);
  }

  private async run(request: WorkRequest): Promise<void> {
    const { operationType, details } = request;
    const [resource] = request.resources;
    if (!resource) return;
    const handler = this.handlers[operationType];
    // A resource exists until its deletion is due, and is not reported as created before that is due.
    const steps = [() => handler(resource.identifier, details), () => this.waitUntilDue(request)];
    if (operationType.endsWith("_DELETE")) steps.reverse();
    try {
      this.faults.check({ operation: operationType });
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

  /** @throws Error when the process is stopped before that. */
  private async waitUntilDue({ operationType, timeAccepted }: WorkRequest): Promise<void> {
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
