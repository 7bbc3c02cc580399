import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Stack } from "@pulumi/pulumi/automation/index.js";

import { pinnedBundles } from "../../components/mesh/gateway-api-bundle.js";
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
import { ensureTools, type Tools } from "../../emulator/toolchain/index.js";
import { ensureKubernetesPlugin } from "../../emulator/toolchain/kubernetes-plugin.js";

/** The rows of the display that stand above the walk-through's steps. */
export const rowsBefore = ["Tools", "OCI endpoint", "Plugins"];

/** An open sandbox: the engine and its stack, with all that they need running. */
export interface Session {
  stack: Stack;
  tools: Tools;
  plugins: PluginsInUse;
  /** Settings to try instead of the stack's own (`preview --stage`, `preview --config`). */
  configFile?: string;
}

/**
 * Brings up all that the engine needs, in the order in which each part needs the one before.
 *
 * @param onEngine gets the engine before it is put to work.
 */
export async function openSession(
  options: Options,
  progress: Progress,
  onEngine: (engine: Engine) => void,
): Promise<Session> {
  const { name } = options;
  mkdirSync(stateDir(name), { recursive: true });
  const tools = await openTools(progress);
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
        ensureKubernetesPlugin((detail, fraction) =>
          progress.report({ step: "Plugins", detail, fraction }),
        ),
      onDownload: (plugin) => progress.report({ step: "Plugins", detail: `downloading ${plugin}` }),
    });
    return [plugins, describePlugins(plugins.inUse)];
  });
  sayInterruption(name, progress);
  for (const left of await endOrphans(name)) progress.note(`Ended what it had left: ${left}.`);
  for (const lost of ensurePassphrase(name)) {
    progress.note(
      `${lost} was encrypted by a passphrase that is gone with the sandbox's folder, and is taken out: set it again.`,
    );
  }
  const configFile = await configure(options, tools);
  const engine = await Engine.open(tools.pulumi);
  onEngine(engine);
  const stack = await openStack(name, engine, {
    ...ociEnvironment(stateDir(name)),
    // Memory that is left is cheaper than the collector's share of the processor.
    GOGC: "400",
    ...found.environment,
  });
  const { command } = options;
  await finishInterrupted(stack, { name, command, endpoint, bin: tools.bin, progress });
  return { stack, tools, plugins: found.inUse, ...(configFile && { configFile }) };
}

/** Finds or builds what every sandbox runs; the first time takes minutes. */
export function openTools(progress: Progress): Promise<Tools> {
  return row(progress, "Tools", async () => {
    const found = await ensureTools(progress.report, {
      // Any sandbox's folder: plugins on PATH that belong to a sandbox are ignored.
      kubernetesPlugin: await mustBuildKubernetes({ stateDir: stateDir("sandbox"), cacheDir }),
    });
    const { pulumi, kubernetes } = found.versions;
    return [found, `Pulumi ${pulumi}, Kubernetes ${kubernetes}`];
  });
}

/**
 * The part of the configuration that makes a stack the sandbox's, and what the call adds to it.
 *
 * @returns for a preview the file that holds it; everything else keeps it.
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
    // istiod runs as a process of this machine: its webhooks are reached by URL, not by Service.
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

function sayInterruption(name: string, progress: Progress): void {
  const { lock, pending } = findInterruption(name);
  if (lock) {
    progress.note(
      `The operation of ${lock.timestamp} (process ${lock.pid}) was cut off; its lock is taken away.`,
    );
  }
  for (const { name: resource, operation } of pending) {
    progress.note(`It was ${operation} ${resource} when it was cut off.`);
  }
}

async function row<T>(
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

/** Takes away what makes a sandbox one; its ports stay its own, and its logs until the next begins. */
export function forget(name: string, file: string): void {
  rmSync(file, { force: true });
  for (const part of readdirSync(stateDir(name))) {
    if (part === "logs" || part === "ports.json") continue;
    rmSync(join(stateDir(name), part), { recursive: true, force: true });
  }
}
