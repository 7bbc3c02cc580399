import { requestedMeshConfig } from "../../components/mesh/mesh-config/requested.js";
import { forTokenHelper } from "../../components/oke/token/kubeconfig.js";
import { SettingsError } from "../../components/settings/problems.js";
import type { Settings } from "../../components/settings/types.js";
import { ToolError } from "../command-line/errors.js";
import type { VerifyInput } from "../../components/verification/input.js";
import { ociIdentityOf } from "../stacks/oci-identity.js";
import { pulumiJson, selectedStack } from "../stacks/pulumi.js";
import { hiding, secretSettings } from "../stacks/hidden.js";
import { fileConfig, shortName, stackConfig, type StackValues } from "../stacks/stack-config.js";
import { parseStackSettings } from "../stacks/stack-settings.js";
import type { Options } from "./options.js";

/** A stack and its configuration, as far as verification needs them. */
export interface VerifyTarget {
  /** `stack dev`, `stack acme/dev`, `sandbox`. */
  title: string;
  /** The stack's name, as in the tag of its resources. */
  stack: string;
  /** As it was named, for commands: with another default organization, `dev` is another stack than `acme/dev`. */
  fullName: string;
  settings: Settings;
  /** Whether a setting is encrypted. Default: none is. */
  isSecret?: (setting: string) => boolean;
  /** Puts `[secret]` in place of encrypted values in what is shown. Default: there are none. */
  hide?: (text: string) => string;
  /** Environment for calls to OCI: an identity, and an endpoint. Empty for an existing cluster. */
  oci: Record<string, string>;
  /** The stack's outputs; empty if nothing is deployed. */
  outputs: () => Promise<Record<string, unknown>>;
  /** Path of a kubeconfig to use instead of the one in the outputs. */
  readonly kubeconfig?: string;
  /** Of a sandbox: a note that it still exists, and how to destroy it. */
  readonly sandboxNote?: string;
}

/**
 * The stack or sandbox that the command line names.
 *
 * @throws ToolError if it does not exist or its configuration is invalid.
 */
export async function targetOf(from: Exclude<Options["from"], "stdin">): Promise<VerifyTarget> {
  return "sandbox" in from ? sandboxTarget(from.sandbox) : stackTarget(from.stack);
}

async function stackTarget(named: string | undefined): Promise<VerifyTarget> {
  const fullName = named ?? (await selectedStack());
  const stack = shortName(fullName);
  const values = await stackConfig(fullName);
  const settings = settingsOf(values, stack);
  return {
    title: `stack ${fullName}`,
    ...{ stack, fullName, settings },
    isSecret: secretSettings(values),
    hide: hiding(values),
    oci: settings.cluster === "oke" ? ociIdentityOf(values.config) : {},
    outputs: () => pulumiJson(["stack", "output", "--show-secrets", "--stack", fullName]),
  };
}

async function sandboxTarget(name: string): Promise<VerifyTarget> {
  const { stackFile, stackName } = await import("../stacks/settings-file.js");
  const { command } = await import("../stacks/sandbox-command.js");
  const { kubeconfig, status } = await import("../stacks/sandbox-status.js");
  const { ociEnvironment } = await import("../../emulator/daemon/client.js");
  const { stateDir } = await import("../paths.js");
  const config = fileConfig(stackFile(name));
  if (!config) {
    const { noSandbox } = await import("../stacks/sandboxes.js");
    throw new ToolError(noSandbox(name));
  }
  const stack = stackName(name);
  const settings = settingsOf({ config }, stack);
  return {
    title: name === "sandbox" ? "sandbox" : `sandbox ${name}`,
    ...{ stack, fullName: stack },
    settings,
    oci: ociEnvironment(stateDir(name)),
    // An `up` that was interrupted has saved its stage, but not reached it.
    outputs: () => Promise.resolve({ stage: status(name).stage }),
    get kubeconfig() {
      return kubeconfig(name);
    },
    get sandboxNote() {
      const state = status(name).running ? "running" : "there";
      return `The sandbox is still ${state}. Destroy it with: ${command("destroy", name)}`;
    },
  };
}

/**
 * The input of a verification of the target.
 *
 * @throws ToolError if nothing is deployed.
 */
export async function verifyInputOf(target: VerifyTarget, options: Options): Promise<VerifyInput> {
  const { settings, title, fullName } = target;
  const outputs = await target.outputs();
  const deployed = outputs["stage"] as VerifyInput["stage"] | undefined;
  if (!deployed) {
    throw new ToolError(
      `Stack ${fullName} has nothing deployed. Deploy it with: pulumi up --stack ${fullName}`,
    );
  }
  const onOke = settings.cluster === "oke";
  return {
    target: title,
    stage: options.stage ?? deployed,
    namespace: settings.namespace,
    v2Percent: settings.reviews.v2Percent,
    observability: settings.observability,
    meshConfig: requestedMeshConfig(
      settings.mesh.helmValues.istiod,
      onOke ? undefined : settings.namespace,
    ),
    workers: onOke ? settings.nodes.count : 1,
    settleSeconds: settings.verifySettleSeconds,
    kubeconfig:
      target.kubeconfig ?? (onOke ? okeKubeconfig(target, outputs) : settings.existing.kubeconfig),
    context: onOke ? undefined : settings.existing.context,
  };
}

/** Oracle's kubeconfig runs the `oci` CLI for a token; this one uses the program's own token helper. */
function okeKubeconfig({ oci, stack }: VerifyTarget, outputs: Record<string, unknown>): string {
  const kubeconfig = text(outputs["kubeconfig"]);
  const clusterId = text(outputs["clusterId"]);
  if (!kubeconfig || !clusterId) {
    throw new ToolError(
      `Stack ${stack} has no kubeconfig output yet: its cluster is not deployed.`,
    );
  }
  return forTokenHelper(kubeconfig, { clusterId, environment: oci });
}

function settingsOf(values: StackValues, stack: string): Settings {
  try {
    return parseStackSettings(values);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new ToolError(`Stack ${stack}: ${error.message}`);
  }
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
