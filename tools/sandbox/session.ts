import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Stack } from "@pulumi/pulumi/automation/index.js";

import { pinnedBundles } from "../../components/mesh/gateway-api-pins.js";
import { applyOverrides, setDefaults } from "./overrides.js";
import { SettingsFile } from "../stacks/settings-file.js";
import { endOrphans } from "./recovery/engine-processes.js";
import { Engine } from "../automation/engine.js";
import { ToolError } from "../command-line/errors.js";
import { ensureDaemon, ociEnvironment } from "../../emulator/daemon/client.js";
import type { Options } from "./options.js";
import { cacheDir, stateDir } from "../paths.js";
import { ensurePassphrase } from "./passphrase.js";
import {
  describePlugins,
  discoverPlugins,
  mustBuildKubernetes,
  type PluginsInUse,
} from "../../emulator/plugin-discovery/discover.js";
import { allocatePorts } from "../../emulator/processes/ports.js";
import type { Progress } from "../automation/progress.js";
import { findInterruption } from "./recovery/interruption.js";
import { finishInterrupted } from "./recovery/finish.js";
import { openStack } from "./stack.js";
import { reportEnvironment } from "./verification.js";
import { ensureTools, type Tools } from "../../emulator/toolchain/index.js";
import { ensureKubernetesPlugin } from "../../emulator/toolchain/kubernetes-plugin.js";

/** The rows of the progress display above the walk-through's steps. */
export const rowsBefore = ["Tools", "OCI endpoint", "Plugins"];

/** An open sandbox: its stack, ready for the engine. */
export interface Session {
  stack: Stack;
  tools: Tools;
  plugins: PluginsInUse;
  /** A settings file for a preview, instead of the stack's own (`preview --stage`, `preview --config`). */
  configFile?: string;
}

/**
 * Starts everything that the engine needs, each part after those that it depends on.
 *
 * @param onEngine receives the engine before it runs.
 */
export async function openSession(
  options: Options,
  progress: Progress,
  onEngine: (engine: Engine) => void,
): Promise<Session> {
  const { name } = options;
  mkdirSync(stateDir(name), { recursive: true });
  const tools = await openTools(progress, runsPrometheus(options));
  const { bin, pulumi } = tools;
  writeFileSync(join(stateDir(name), "tools.json"), JSON.stringify({ bin, pulumi }));
  const endpoint = await row(progress, "OCI endpoint", async () => {
    const { url } = await ensureDaemon(stateDir(name), tools);
    return [url, url];
  });
  const found = await row(progress, "Plugins", async () => {
    const plugins = await discoverPlugins({
      stateDir: stateDir(name),
      cacheDir,
      pulumi,
      build: () =>
        ensureKubernetesPlugin(cacheDir, (detail, fraction) =>
          progress.report({ step: "Plugins", detail, fraction }),
        ),
      onDownload: (plugin) => progress.report({ step: "Plugins", detail: `downloading ${plugin}` }),
    });
    return [plugins, describePlugins(plugins.inUse)];
  });
  reportInterruption(name, progress);
  for (const orphan of await endOrphans(name)) progress.note(`Ended an orphaned ${orphan}.`);
  for (const lost of ensurePassphrase(name)) {
    progress.note(
      `Removed ${lost}: the passphrase that encrypted it was lost with the sandbox's folder. Set it again.`,
    );
  }
  const configFile = await configure(options, tools);
  const engine = await Engine.open(tools.pulumi);
  onEngine(engine);
  const stack = await openStack(name, engine, {
    ...ociEnvironment(stateDir(name)),
    ...reportEnvironment(name),
    // Collect garbage less often: memory is cheaper here than CPU time.
    GOGC: "400",
    ...found.environment,
  });
  const { command } = options;
  await finishInterrupted(stack, { name, command, endpoint, bin: tools.bin, progress });
  return { stack, tools, plugins: found.inUse, ...(configFile && { configFile }) };
}

/** Whether the sandbox has a Prometheus during and after the command. */
export function runsPrometheus(options: Pick<Options, "command" | "name" | "stage" | "config">) {
  if (options.command === "destroy") return false;
  const settings = SettingsFile.read(options.name);
  // The others change no setting: a Prometheus that runs goes on, also one whose build is out of date.
  if (options.command === "up") applyOverrides(settings, options, setDefaults);
  // Quoted as `pulumi config set` writes it, too.
  return String(settings.values["observability"]) === "true";
}

/**
 * Finds or builds the programs that a sandbox needs; the first time takes minutes.
 *
 * @param prometheus whether it needs Prometheus.
 */
export function openTools(progress: Progress, prometheus: boolean): Promise<Tools> {
  return row(progress, "Tools", async () => {
    const found = await ensureTools({
      cacheDir,
      report: progress.report,
      prometheus,
      // Any sandbox's folder: plugins on PATH that belong to a sandbox are ignored.
      kubernetesPlugin: await mustBuildKubernetes({ stateDir: stateDir("sandbox"), cacheDir }),
    });
    const { pulumi, kubernetes } = found.versions;
    return [found, `Pulumi ${pulumi}, Kubernetes ${kubernetes}`];
  });
}

/**
 * Writes the settings that make a stack a sandbox, and those of the command line.
 *
 * @returns for a preview, the file that holds them; any other command saves them in the stack's file.
 */
export async function configure(options: Options, tools: Tools): Promise<string | undefined> {
  const { name, command } = options;
  const { istiodWebhook } = await allocatePorts(stateDir(name));
  const [version, bundle] = Object.entries(pinnedBundles)[0] ?? [];
  if (!bundle) throw new ToolError(`No Gateway API bundle is pinned (${String(version)}).`);
  const webhook = (path: string) => `https://localhost:${istiodWebhook}/${path}`;
  const own = (settings: SettingsFile) => {
    setDefaults(settings);
    settings.set([["mesh", "chartRepository"], tools.charts]);
    settings.set([["mesh", "gatewayApi"], `${tools.gatewayApi}#sha256=${bundle.digest}`]);
    // istiod runs as a process on this machine: its webhooks have a URL, not a Service.
    const values = ["mesh", "helmValues"];
    settings.set([[...values, "base", "base", "validationURL"], webhook("validate")]);
    settings.set([[...values, "istiod", "base", "validationURL"], webhook("validate")]);
    settings.set([[...values, "istiod", "istiodRemote", "injectionURL"], webhook("inject")]);
  };
  const settings = SettingsFile.read(name);
  own(settings);
  settings.save();
  applyOverrides(settings, options, own);
  if (command !== "preview") {
    settings.save();
    return undefined;
  }
  const file = join(stateDir(name), "preview.yaml");
  writeFileSync(file, settings.toString());
  return file;
}

function reportInterruption(name: string, progress: Progress): void {
  const { lock, pending } = findInterruption(name);
  if (lock) {
    progress.note(
      `Removed the lock of the operation of ${lock.timestamp} (process ${lock.pid}), which was interrupted.`,
    );
  }
  for (const { name: resource, operation } of pending) {
    progress.note(`It was ${operation} ${resource} when it was interrupted.`);
  }
}

/** Shows work as a row; `said` stays in it. */
export async function row<T>(
  progress: Progress,
  title: string,
  work: () => Promise<[result: T, said: string]>,
): Promise<T> {
  progress.report({ step: title });
  try {
    const [result, said] = await work();
    progress.done(title, said);
    return result;
  } catch (error) {
    progress.fail(title, error instanceof ToolError ? "see below" : (error as Error).message);
    throw error;
  }
}

/** Deletes a sandbox's state and settings; it keeps its ports, and its logs until the next one starts. */
export function forget(name: string, file: string): void {
  rmSync(file, { force: true });
  for (const part of readdirSync(stateDir(name))) {
    if (part === "logs" || part === "ports.json") continue;
    rmSync(join(stateDir(name), part), { recursive: true, force: true });
  }
}
