import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import type { PartialMeshConfig } from "../mesh/mesh-config/requested.js";
import { Component } from "../resources/component.js";
import type { Stage } from "../settings/settings.js";
import { expectationsAt } from "./expectations.js";
import type { VerifyInput } from "./input.js";

export interface VerificationArgs {
  /** The deployed stage. */
  stage: pulumi.Input<Stage>;
  /** Name of the namespace of Bookinfo and its clients. */
  namespace: pulumi.Input<string>;
  /** Percentage of requests for reviews that v2 answers, 0 to 100. */
  v2Percent: pulumi.Input<number>;
  /** Whether Prometheus and Kiali are deployed; not an Input, because it decides which results are expected. */
  observability: boolean;
  /** The fields of istiod's mesh configuration that must be in force; may be secret. Default: none. */
  meshConfig?: pulumi.Input<PartialMeshConfig>;
  /** Number of workers that must be Ready, at least 1. */
  workers: pulumi.Input<number>;
  /** Seconds that the mesh may take to settle; not an Input, because it sets the command's timeout. */
  settleSeconds: number;
  /** Kubeconfig as text or path. Kept secret. Default: the one that kubectl uses. */
  kubeconfig?: pulumi.Input<string | undefined>;
  /** A context of the kubeconfig. Default: its current one. */
  context?: pulumi.Input<string | undefined>;
  /** Whether its output hides kubeconfig and context; not an Input, because it is left out otherwise. Default: false. */
  isSecret?: boolean;
  /** The verification runs again when this, an expected result or a manifest changes. */
  rerunOn: pulumi.Input<unknown>;
  /** All other resources: the verification comes last. */
  deployed: pulumi.Resource[];
}

/**
 * Compares the cluster with the walk-through's expected results. A red row fails the `up` and prints the table.
 *
 * On the way back to an earlier stage it reports "deferred" and succeeds: Pulumi deletes the later stage's objects only
 * after everything else has succeeded.
 *
 * @example
 * const args = { stage: "l4", namespace: "default", v2Percent: 10, workers: 1, settleSeconds: 90 } as const;
 * new Verification("verification", { ...args, rerunOn: settings, deployed: [bookinfo, clients] });
 */
export class Verification extends Component {
  constructor(name: string, args: VerificationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:verify:Verification", name, opts, args.deployed);
    const { stage, namespace, v2Percent, workers, settleSeconds, rerunOn } = args;
    const { kubeconfig, context, isSecret, observability, meshConfig } = args;
    const target = `stack ${pulumi.getStack()}`;
    const input: pulumi.Output<VerifyInput> = pulumi.output({
      target,
      stage,
      namespace,
      v2Percent,
      ...(observability && { observability }),
      ...(meshConfig !== undefined && { meshConfig }),
      workers,
      settleSeconds,
      kubeconfig,
      context,
      ...(isSecret && { isSecret }),
    });
    // Longer than the settling time, because checks that have started are completed.
    const limit = `${600 + settleSeconds}s`;
    new command.local.Command(
      `${name}-command`,
      {
        // Runs in the project's folder: https://www.pulumi.com/registry/packages/command/api-docs/local/command/#dir_nodejs
        create: "node --import tsx verify/cli.ts --from-stdin",
        // stdin does not appear in process lists, and the state encrypts it.
        stdin: pulumi.secret(pulumi.jsonStringify(input)),
        // A change of the environment updates the command; a change of `triggers` would replace it.
        environment: { CHECKED: digest(stage, observability, rerunOn) },
        // A failed command's error repeats both streams, so the red table on stderr must not be logged too.
        logging: "stdout",
        addPreviousOutputInEnv: false,
      },
      this.childOptions({ customTimeouts: { create: limit, update: limit } }),
    );
    this.registerOutputs({});
  }
}

/** A digest of the expected results, the manifests and the settings. */
function digest(
  stage: pulumi.Input<Stage>,
  observability: boolean,
  rerunOn: pulumi.Input<unknown>,
): pulumi.Output<string> {
  return pulumi.all([stage, rerunOn]).apply(([name, inputs]) => {
    const checked = JSON.stringify([expectationsAt(name, observability), manifests(), inputs]);
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
