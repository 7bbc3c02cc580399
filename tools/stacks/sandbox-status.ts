import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { backendEnvironment, backendFiles } from "./sandbox-backend.js";
import { command } from "./sandbox-command.js";
import { readHistory, stageHeld } from "./history.js";
import { noSandbox, sandboxExists } from "./sandboxes.js";
import { SettingsFile, stackName } from "./settings-file.js";
import { ToolError } from "../command-line/errors.js";
import { daemonName, ociEnvironment } from "../../emulator/daemon/client.js";
import { dataPlaneStatus } from "../../emulator/dataplane/status.js";
import { forcePatches } from "../../emulator/plugin-discovery/discover.js";
import { stateDir } from "../paths.js";
import { listProcesses } from "../../emulator/processes/process.js";
import { readCheckpoint } from "./checkpoint.js";
import { isImplicit } from "../automation/steps.js";

/** The result of `status`. */
export interface Status {
  running: boolean;
  /** The stage of the last `up` that succeeded; before the first one, the stage in the settings. */
  stage: string;
  /** The stage in the settings, if no `up` to it has succeeded since. */
  unreached?: string;
  /** URL of the page, while the sandbox runs, from stage bookinfo on. */
  page?: string;
  /** Path of the kubeconfig, while the cluster runs. */
  kubeconfig?: string;
  resources: number;
  /** What keeps a running sandbox from working, and the command that mends it. */
  problem?: string;
  processes: { name: string; pid: number }[];
}

/** What runs and where, read from the sandbox's own files: no engine, no request. */
export function status(name: string): Status {
  const processes = listProcesses(stateDir(name)).map(({ name: part, pid }) => ({
    name: part,
    pid,
  }));
  const kubeconfig = join(stateDir(name), "control-plane", "kubeconfig");
  const running = processes.length > 0;
  const all = readCheckpoint(backendFiles(name).state)?.resources ?? [];
  const resources = all.filter(({ urn }) => !isImplicit(urn));
  const { stage } = SettingsFile.read(name);
  const held = stageHeld(readHistory(name));
  const hasEnded = running && !processes.some((part) => part.name === daemonName);
  const why = hasEnded ? ended(name) : prometheusProblem(name);
  const problem = why && { problem: why };
  const page = all.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs?.["productpageUrl"];
  return {
    running,
    stage: held ?? stage,
    ...(held !== stage && { unreached: stage }),
    ...(running && typeof page === "string" && { page }),
    ...(running && existsSync(kubeconfig) && { kubeconfig }),
    resources: running ? resources.length : 0,
    ...problem,
    processes,
  };
}

// It simulates OCI and restarts the control plane's processes.
const ended = (name: string) =>
  `Its OCI endpoint has ended, so updates fail and nothing restarts the other processes. Start it with: ${command("up", name)}`;

/** Why a Pod's Prometheus does not run. */
function prometheusProblem(name: string): string | undefined {
  const failing = dataPlaneStatus(stateDir(name)).prometheus.find(({ problem }) => problem);
  if (!failing) return undefined;
  const { pod, problem, log } = failing;
  return `Prometheus of Pod ${pod} has a problem: ${problem}${log ? ` (log: ${log})` : ""}`;
}

/** The path of a working kubeconfig of a running sandbox. */
export function kubeconfig(name: string): string {
  const { kubeconfig: path } = status(name);
  if (path) return path;
  if (!sandboxExists(name)) throw new ToolError(noSandbox(name));
  throw new ToolError(
    `The sandbox "${name}" has no cluster. Start it with: ${command("up", name)}`,
  );
}

/** Environment that points a person's own `pulumi` and `kubectl` at the sandbox. */
export function environment(name: string): Record<string, string> {
  const path = kubeconfig(name);
  return {
    ...backendEnvironment(name),
    // The sandbox's engine has its own home folder, so this stack is not the selected one in a person's.
    PULUMI_STACK: stackName(name),
    ...ociEnvironment(stateDir(name)),
    ...forcePatches,
    KUBECONFIG: path,
    PATH: [join(stateDir(name), "plugins"), ...toolFolders(name), process.env["PATH"] ?? ""].join(
      delimiter,
    ),
  };
}

// Written when a session opens: looking the tools up again could start a build.
function toolFolders(name: string): string[] {
  const file = join(stateDir(name), "tools.json");
  if (!existsSync(file)) return [];
  const { bin, pulumi } = JSON.parse(readFileSync(file, "utf8")) as { bin: string; pulumi: string };
  return [bin, dirname(pulumi)];
}
