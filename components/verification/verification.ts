import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { childOptions } from "../resources/component.js";
import type { Stage } from "../settings/settings.js";
import { expectationsAt } from "./expectations.js";
import type { VerifyInput } from "./input.js";

export interface VerificationArgs {
  /** Stage that the cluster must show. */
  stage: pulumi.Input<Stage>;
  /** Namespace of Bookinfo and its clients. */
  namespace: pulumi.Input<string>;
  /** Share of reviews' answers that v2 gives, in percent, 0 to 100. */
  v2Percent: pulumi.Input<number>;
  /** Workers that must be Ready, at least 1. */
  workers: pulumi.Input<number>;
  /** How long the mesh may take to settle, in seconds. Plain: it decides how long the command may take. */
  settleSeconds: number;
  /** Kubeconfig as text or path; default: the one that kubectl would use. Kept as a secret. */
  kubeconfig?: pulumi.Input<string | undefined>;
  /** Context in it; default: its current one. */
  context?: pulumi.Input<string | undefined>;
  /** What the cluster was made from besides; the verification runs again when it, the table or a manifest changes. */
  madeFrom: pulumi.Input<unknown>;
}

/**
 * The walk-through's table held against the cluster, as the graph's last resource: give `dependsOn` all the others.
 * A red row fails the `up` with the table. On the way back to an earlier stage it says "deferred" and succeeds:
 * Pulumi deletes only after everything else has succeeded, so the later stage's objects are still there.
 */
export class Verification extends pulumi.ComponentResource {
  constructor(name: string, args: VerificationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:verify:Verification", name, {}, opts);
    const { stage, namespace, v2Percent, workers, settleSeconds, madeFrom } = args;
    const { kubeconfig, context } = args;
    const target = `stack ${pulumi.getStack()}`;
    const input: pulumi.Output<VerifyInput> = pulumi.output({
      target,
      stage,
      namespace,
      v2Percent,
      workers,
      settleSeconds,
      kubeconfig,
      context,
    });
    // Looks that began in time are looked to their end.
    const limit = `${600 + settleSeconds}s`;
    new command.local.Command(
      `${name}-command`,
      {
        // Runs in the project's folder: https://www.pulumi.com/registry/packages/command/api-docs/local/command/#dir_nodejs
        create: "node --import tsx verify/cli.ts --from-stdin",
        // On stdin, which no process list shows and the state holds encrypted.
        stdin: pulumi.secret(pulumi.jsonStringify(input)),
        // In the environment rather than `triggers`: another value there would replace instead of update.
        environment: { CHECKED: digest(stage, madeFrom) },
        // The provider repeats both streams in the error of a command that fails; a red table comes on stderr.
        logging: "stdout",
        addPreviousOutputInEnv: false,
      },
      childOptions(this, opts, { customTimeouts: { create: limit, update: limit } }),
    );
    this.registerOutputs({});
  }
}

/** Same for the same table, manifests and settings. */
function digest(
  stage: pulumi.Input<Stage>,
  madeFrom: pulumi.Input<unknown>,
): pulumi.Output<string> {
  return pulumi.all([stage, madeFrom]).apply(([name, made]) => {
    const checked = JSON.stringify([expectationsAt(name), manifests(), made]);
    return createHash("sha256").update(checked).digest("hex").slice(0, 16);
  });
}

function manifests(): string[] {
  const folder = join(fileURLToPath(import.meta.url), "..", "..", "..", "manifests");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .map((file) => readFileSync(join(folder, file), "utf8"));
}
