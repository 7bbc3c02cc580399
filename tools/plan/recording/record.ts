import * as pulumi from "@pulumi/pulumi";

import type { Sources } from "../../../index.js";
import { withStore } from "./store.js";
import { Monitor } from "./monitor.js";
import type { Invokes } from "./tenancy.js";
import type { Registration } from "./registration.js";

export type { Registration } from "./registration.js";

/** The program's default export; tests use a smaller program. */
export type Program = () => Promise<Record<string, unknown> | void>;

export interface RecordOptions {
  /** Stack name; default `dev`. */
  stack?: string;
  /** Replaces index.ts in tests. */
  program?: Program;
  /** What index.ts asks outside Pulumi. Default: asks it. */
  sources?: Sources;
  /**
   * Results of provider functions, by the function's name (`getNodePoolOption`): a result, or a function of the
   * arguments. By default `tenancy.ts` answers for a plausible tenancy.
   */
  invokes?: Invokes;
  /**
   * Output properties by resource name, in addition to the placeholders of `outputs.ts`. Any other output is unknown, as
   * in the preview of a new stack.
   */
  outputs?: Record<string, Record<string, unknown>>;
  /** Keys of `config` whose values are secret. */
  secretKeys?: string[];
  /** Whether the program believes itself in a preview; default true. */
  preview?: boolean;
}

export interface Recording {
  /** Every resource except the stack, in the order of registration. */
  registrations: Registration[];
  /** Stack outputs; a secret is `<secret>`, a value that only a deployment has is `<name.property>`. */
  outputs: Record<string, unknown>;
  /** What the program logged, as `warning: …`. */
  messages: string[];
}

/** The project's name in Pulumi.yaml, and the prefix of its configuration keys. */
export const project = "oke-ambient-mesh";

/**
 * Runs the program as the Node runtime does, against a monitor that answers like the engine of an empty stack and records
 * every request. Needs no engine, plugin, or network. A process may call it repeatedly, one call at a time.
 *
 * @param config by key, without the project's prefix; a value that is not a string becomes JSON, as from the engine.
 * @throws what the program throws; an `Error` for a provider function without an answer.
 */
export async function record(
  config: Record<string, unknown>,
  options: RecordOptions = {},
): Promise<Recording> {
  const program = options.program ?? (await programOf(options.sources));
  const stack = options.stack ?? "dev";
  const monitor = new Monitor({
    project,
    stack,
    invokes: options.invokes,
    outputs: options.outputs,
  });
  const failures = new Set<unknown>();
  const onFailure = (reason: unknown) => void failures.add(reason);
  // A resource with rejected inputs fails in a promise without a handler, which the runtime reports by this event
  // (pulumi/sdk/nodejs/automation/server.ts does the same).
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
        // Resolves once every request's answer has resolved the resource's outputs.
        await pulumi.runtime.disconnect();
      }
    });
    // Node reports unhandled rejections after the turn's microtasks.
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

async function programOf(sources: Sources | undefined): Promise<Program> {
  const { default: okeAmbientMesh } = await import("../../../index.js");
  return () => okeAmbientMesh(sources);
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
