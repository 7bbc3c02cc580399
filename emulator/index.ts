import { compartmentId, ensureDaemon, ociEnvironment, stopDaemon } from "./daemon/client.js";
import type { Report } from "./toolchain/shares.js";
import { discoverPlugins } from "./plugin-discovery/discover.js";
import { ensureTools } from "./toolchain/index.js";
import { ensureKubernetesPlugin } from "./toolchain/kubernetes-plugin.js";

export interface EmulatorOptions {
  /** Folder of this emulator's state. Emulators in sibling folders can run side by side. */
  stateDir: string;
  /** Folder of builds and downloads, which emulators share. */
  cacheDir: string;
  /** Called with the progress of builds, which take minutes the first time. */
  report?: Report;
  /** Whether the cluster will run Prometheus, which is then built for its Pods. Default: false. */
  prometheus?: boolean;
}

/** A running emulator. */
export interface Emulator {
  /** URL of OCI's API. */
  url: string;
  /** The compartment for all resources. */
  compartmentId: string;
  /** Makes `pulumi` use the emulator: add it to the environment of the process. */
  environment: Record<string, string>;
  /** Path of a Pulumi CLI. */
  pulumi: string;
}

/**
 * Emulates OKE on this machine for a Pulumi program in any language. The emulator runs until {@link stopEmulator}, and a
 * later start continues with its state.
 *
 * @throws EmulatorError that says what to do: Go missing or too old, no network, a port taken.
 */
export async function startEmulator({
  stateDir,
  cacheDir,
  report = () => undefined,
  prometheus = false,
}: EmulatorOptions): Promise<Emulator> {
  const tools = await ensureTools({ cacheDir, report, prometheus });
  const { url } = await ensureDaemon(stateDir, tools);
  const build = () =>
    ensureKubernetesPlugin(cacheDir, (detail, fraction) =>
      report({ step: "Plugins", detail, fraction }),
    );
  const plugins = await discoverPlugins({ stateDir, cacheDir, pulumi: tools.pulumi, build });
  const environment = { ...ociEnvironment(stateDir), ...plugins.environment };
  return { url, compartmentId, environment, pulumi: tools.pulumi };
}

/** Stops the emulator and its cluster, and keeps their state. */
export const stopEmulator = (stateDir: string): Promise<void> => stopDaemon(stateDir);
