import { OciError } from "./errors.js";

/** A failure to inject: into requests, by method and path, or into accepted work. */
export interface Fault {
  /** `POST`. Default: any. */
  method?: string;
  /** Regular expression for the path: `/subnets/`. A fault without `operation` needs `method` or `path`. */
  path?: string;
  /** Kind of work request: `NODEPOOL_CREATE`. */
  operation?: string;
  /** HTTP status of the answer. Default: 500. */
  status?: number;
  /** Default: `InternalError`. */
  code?: string;
  message?: string;
  /** How many times the fault occurs. Default: 1. */
  times?: number;
}

/** The faults that tests have injected; the oldest that matches occurs first. */
export class Faults {
  private injected: Fault[] = [];

  inject(fault: Fault): void {
    this.injected.push({ times: 1, ...fault });
  }

  list(): Fault[] {
    return this.injected;
  }

  clear(): void {
    this.injected = [];
  }

  /** @throws OciError if a fault is injected into this request or operation. */
  check(about: { method?: string; path?: string; operation?: string }): void {
    const fault = this.injected.find(
      ({ method, path, operation, times }) =>
        (times ?? 0) > 0 &&
        operation === about.operation &&
        (method === undefined || method === about.method) &&
        (path === undefined || new RegExp(path).test(about.path ?? "")),
    );
    if (!fault) return;
    fault.times = (fault.times ?? 1) - 1;
    throw new OciError(
      fault.status ?? 500,
      fault.code ?? "InternalError",
      fault.message ?? "Injected fault",
    );
  }
}
