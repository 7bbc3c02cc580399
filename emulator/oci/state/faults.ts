import { OciError } from "./errors.js";

/** A failure to come: of requests by method and path, or of the work that was accepted. */
export interface Fault {
  /** `POST`; left out: any. */
  method?: string;
  /** Regular expression for the path: `/subnets/`; with `operation` left out, one of these is needed. */
  path?: string;
  /** Kind of work request: `NODEPOOL_CREATE`. */
  operation?: string;
  /** HTTP status of the answer. Default: 500. */
  status?: number;
  /** Default: `InternalError`. */
  code?: string;
  message?: string;
  /** How often it strikes. Default: once. */
  times?: number;
}

/** Failures planted for tests, in the order in which they were planted. */
export class Faults {
  private planted: Fault[] = [];

  plant(fault: Fault): void {
    this.planted.push({ times: 1, ...fault });
  }

  list(): Fault[] {
    return this.planted;
  }

  clear(): void {
    this.planted = [];
  }

  /** @throws OciError where a planted fault is about this. */
  strike(about: { method?: string; path?: string; operation?: string }): void {
    const fault = this.planted.find(
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
      fault.message ?? "Planted fault",
    );
  }
}
