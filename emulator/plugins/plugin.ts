import type { Properties } from "./values.js";

/** The common part of the requests about one resource. */
export interface ResourceRequest {
  urn: string;
  /** Type token: `oci:Core/vcn:Vcn`. */
  type: string;
}

export interface CheckResult {
  /** The inputs for the state, with defaults. */
  inputs: Properties;
  failures?: { property: string; reason: string }[];
}

export type DiffKind =
  "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

export interface Diff {
  /** The kind of change by property path, such as `rules[0].port`; empty if nothing changes. */
  changes: Record<string, DiffKind>;
  /** The old resource must be deleted before the new one is created. */
  deleteBeforeReplace?: boolean;
  /** Whether the paths are those of inputs rather than outputs. Default: true. */
  inputDiff?: boolean;
}

export interface CheckRequest extends ResourceRequest {
  name: string;
  olds: Properties;
  news: Properties;
}

export interface DiffRequest extends ResourceRequest {
  id: string;
  oldInputs: Properties;
  oldState: Properties;
  news: Properties;
  ignoreChanges: string[];
}

export interface CreateRequest extends ResourceRequest {
  name: string;
  inputs: Properties;
  preview: boolean;
  /** From `customTimeouts`; 0 if not set. */
  timeoutSeconds: number;
}

export interface ReadRequest extends ResourceRequest {
  id: string;
  /** Empty if the resource is imported or looked up by `get`, rather than refreshed. */
  inputs: Properties;
  state: Properties;
}

export interface UpdateRequest extends ResourceRequest {
  id: string;
  oldInputs: Properties;
  oldState: Properties;
  news: Properties;
  preview: boolean;
  timeoutSeconds: number;
  ignoreChanges: string[];
}

export interface DeleteRequest extends ResourceRequest {
  id: string;
  inputs: Properties;
  state: Properties;
  timeoutSeconds: number;
}

/**
 * A resource provider in plain JavaScript values. In a preview, inputs may contain `unknown`. An error thrown by a method
 * fails the resource; after an {@link InitializationError}, the state keeps what exists.
 */
export interface Plugin {
  name: string;
  version: string;
  /** Called once, before all others, and only when the configuration is fully known. */
  configure?(variables: Properties): Promise<void>;
  check(r: CheckRequest): Promise<CheckResult>;
  diff(r: DiffRequest): Promise<Diff>;
  create(r: CreateRequest): Promise<{ id: string; state: Properties }>;
  /** Undefined if the resource does not exist. */
  read(r: ReadRequest): Promise<{ id: string; inputs: Properties; state: Properties } | undefined>;
  update(r: UpdateRequest): Promise<Properties>;
  delete(r: DeleteRequest): Promise<void>;
  invoke?(r: { token: string; args: Properties; preview: boolean }): Promise<{
    result: Properties;
    failures?: { property: string; reason: string }[];
  }>;
}

/** The resource exists but did not become ready. The engine keeps it in the state; the next update continues. */
export class InitializationError extends Error {
  constructor(
    readonly id: string,
    readonly state: Properties,
    readonly reasons: string[],
    /** The live inputs; required if `read` throws this error. */
    readonly inputs?: Properties,
  ) {
    super(reasons.join("; "));
  }
}
