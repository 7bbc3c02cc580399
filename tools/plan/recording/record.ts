import * as pulumi from "@pulumi/pulumi";

import { withStore } from "./store.js";
import { Monitor } from "./monitor.js";
import type { Invokes } from "./tenancy.js";
import type { Registration } from "./registration.js";

export type { Registration } from "./registration.js";

/** The program's default export, or a smaller one in tests. */
export type Program = () => Promise<Record<string, unknown> | void>;

export interface RecordOptions {
  /** Stack name; default `dev`. */
  stack?: string;
  /** Instead of index.ts. */
  program?: Program;
  /**
   * Answers to provider functions, by the function's own name (`getNodePoolOption`): a result, or a
   * function of the arguments. Without one, `tenancy.ts` answers for a plausible tenancy.
   */
  invokes?: Invokes;
  /**
   * Output properties by resource name, over the placeholders of `outputs.ts`. An output that
   * nobody names is unknown, as it is in the preview of a new stack.
   */
  outputs?: Record<string, Record<string, unknown>>;
  /** Keys of `config` whose values are secret. */
  secretKeys?: string[];
  /** Whether the program believes itself in a preview; default true. */
  preview?: boolean;
}

export interface Recording {
  /** Every resource but the stack itself, in the order in which the program registered them. */
  registrations: Registration[];
  /** Stack outputs; secrets are `<secret>`, values that only a deployment has are `<name.property>`. */
  outputs: Record<string, unknown>;
  /** What the program reported, as `warning: …`. */
  messages: string[];
}

/** The project's name in Pulumi.yaml, and the prefix of its configuration keys. */
export const project = "oke-ambient-mesh";

/**
 * Runs the program as the Node runtime does, against a monitor that answers like the engine of an
 * empty stack and writes down every request. Needs no engine, plugin or network. May be called any
 * number of times in one process, one after the other.
 *
 * @param config by key, without the project's prefix; what is not a string is given to the program
 *   as the engine gives it, as JSON.
 * @throws what the program throws; an `Error` for a provider function without an answer.
 */
export async function record(
  config: Record<string, unknown>,
  options: RecordOptions = {},
): Promise<Recording> {
  const program = options.program ?? (await import("../../../index.js")).default;
  const stack = options.stack ?? "dev";
  const monitor = new Monitor({
    project,
    stack,
    invokes: options.invokes,
    outputs: options.outputs,
  });
  const failures = new Set<unknown>();
  const onFailure = (reason: unknown) => void failures.add(reason);
  // A resource whose inputs reject fails in a promise that nobody holds: the runtime reports those
  // through this event (pulumi/sdk/nodejs/automation/server.ts does the same).
  process.on("unhandledRejection", onFailure);
  try {
    await withStore({ monitor, project, stack, preview: options.preview ?? true }, async () => {
      pulumi.runtime.setAllConfig(encode(config), options.secretKeys?.map(qualified));
      try {
        await pulumi.runtime.runInPulumiStack(async () => {
          try {
            return (await program()) ?? {};
          } catch (error) {
            failures.add(error);
            return {};
          }
        });
      } finally {
        // Every request holds this back until its answer has settled the resource's outputs.
        await pulumi.runtime.disconnect();
      }
    });
    // Rejections are reported after the microtasks of the turn in which nobody handled them.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("unhandledRejection", onFailure);
  }
  for (const failure of [...monitor.failures, ...failures]) throw failure;
  return {
    registrations: monitor.registrations,
    outputs: monitor.stackOutputs,
    messages: monitor.messages,
  };
}

const qualified = (key: string) => (key.includes(":") ? key : `${project}:${key}`);

function encode(config: Record<string, unknown>): Record<string, string> {
  const given = Object.entries(config).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([key, value]) => [
      qualified(key),
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}
