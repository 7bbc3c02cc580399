import type { Properties } from "./values.js";

/** What every request about one resource carries. */
export interface ResourceRequest {
  urn: string;
  /** The resource's type token, e.g. `kubernetes:core/v1:Service`. */
  type: string;
}

export interface CheckResult {
  /** The inputs as they go into the state, defaults filled in. */
  inputs: Properties;
  failures?: { property: string; reason: string }[];
}

export type DiffKind =
  "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

export interface Diff {
  /** Property path (`spec.ports[0].port`) → what happens to it. Empty: nothing changes. */
  changes: Record<string, DiffKind>;
  /** The old object has to go before the new one can take its name. */
  deleteBeforeReplace?: boolean;
  /** Paths are of inputs, not of outputs (default true). */
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
  /** From `customTimeouts`; 0 where none is set. */
  timeoutSeconds: number;
}

export interface ReadRequest extends ResourceRequest {
  id: string;
  /** Empty where the resource is looked up rather than refreshed (`X.get`, import). */
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
 * A resource provider in plain JavaScript values. In a preview, inputs may contain `unknown`.
 * An `Error` thrown by a method fails the resource with its message; {@link InitializationError}
 * fails it and keeps what exists in the state.
 */
export interface Plugin {
  name: string;
  version: string;
  checkConfig?(r: CheckRequest): Promise<CheckResult>;
  diffConfig?(r: DiffRequest): Promise<Diff>;
  /** Called once, before everything else, and only with a fully known configuration. */
  configure?(variables: Properties): Promise<void>;
  check(r: CheckRequest): Promise<CheckResult>;
  diff(r: DiffRequest): Promise<Diff>;
  create(r: CreateRequest): Promise<{ id: string; state: Properties }>;
  /** Undefined where the resource is gone. */
  read(r: ReadRequest): Promise<{ id: string; inputs: Properties; state: Properties } | undefined>;
  update(r: UpdateRequest): Promise<Properties>;
  delete(r: DeleteRequest): Promise<void>;
  invoke?(r: { token: string; args: Properties; preview: boolean }): Promise<{
    result: Properties;
    failures?: { property: string; reason: string }[];
  }>;
}

/** The resource exists but did not become ready: the engine keeps it, and the next update mends it. */
export class InitializationError extends Error {
  constructor(
    readonly id: string,
    readonly state: Properties,
    readonly reasons: string[],
    /** Inputs as they are live; needed where `read` fails this way. */
    readonly inputs?: Properties,
  ) {
    super(reasons.join("; "));
  }
}
