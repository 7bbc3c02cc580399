import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

import { engineEnvironment } from "./engine-processes.js";
import { ToolError } from "../../command-line/errors.js";
import { stateDir } from "../../paths.js";
import type { Checkpoint, Recorded } from "../../stacks/checkpoint.js";

const type = "kubernetes:helm.sh/v3:Release";

/** A Helm release that an engine was at work with when it was cut off, or that has failed under it. */
export interface InterruptedRelease {
  urn: string;
  operation: "creating" | "updating" | "deleting";
  namespace: string;
  name: string;
}

/** Runs one of the programs that came with the control plane against the sandbox's cluster; gives what it prints. */
export type Run = (program: "helm" | "kubectl", ...args: string[]) => Promise<string>;

/** The releases of a state that may not be in order. */
export function interruptedReleases({
  resources = [],
  pending_operations = [],
}: Checkpoint): InterruptedRelease[] {
  const of = (operation: string, { urn, inputs = {} }: Recorded) => {
    const { namespace, name } = inputs;
    return typeof namespace === "string" && typeof name === "string"
      ? [{ urn, operation: operation as InterruptedRelease["operation"], namespace, name }]
      : [];
  };
  const recorded = resources.filter((resource) => resource.type === type);
  const ids = recorded.map(({ id }) => id);
  const pending = pending_operations
    .filter((one) => one.resource.type === type)
    .flatMap((one) => of(one.type, one.resource))
    .filter(({ operation }) => ["creating", "updating", "deleting"].includes(operation))
    // Made since, by an operation that left the record of the one before.
    .filter((one) => one.operation !== "creating" || !ids.includes(`${one.namespace}/${one.name}`));
  const urns = pending.map(({ urn }) => urn);
  const failed = recorded
    .filter(({ urn, initErrors }) => initErrors?.length && !urns.includes(urn))
    .flatMap((resource) => of("updating", resource));
  return [...pending, ...failed];
}

/**
 * Clears what helm has begun with releases and not ended, as a person would have to: the provider refuses to create
 * one whose name is in use, to update one that is pending, and to delete one that is gone.
 * https://github.com/pulumi/pulumi-kubernetes/issues/2054
 *
 * @param note says what is done, for a person.
 * @returns the URNs of those that the state has and helm has not.
 * @throws ToolError where helm fails.
 */
export async function clearReleases(
  releases: readonly InterruptedRelease[],
  run: Run,
  note: (text: string) => void,
): Promise<string[]> {
  const gone: string[] = [];
  for (const release of releases) {
    try {
      if (await clear(release, run, note)) gone.push(release.urn);
    } catch (error) {
      const { namespace, name, operation } = release;
      throw new ToolError(
        `What was left of ${operation} the Helm release ${namespace}/${name} could not be cleared:\n` +
          `${(error as Error).message}\n` +
          `See what it is: helm history ${name} -n ${namespace}`,
      );
    }
  }
  return gone;
}

/** @returns whether helm has none such, then. */
async function clear(
  { operation, namespace, name }: InterruptedRelease,
  run: Run,
  note: (text: string) => void,
): Promise<boolean> {
  const revisions = await history(namespace, name, run);
  const newest = revisions.at(-1);
  if (!newest) return operation !== "creating";
  // One that is still there is deleted to its end by its provider.
  if (operation === "deleting") return false;
  const isPending = newest.status.startsWith("pending-");
  if (operation === "updating" && !isPending && !newest.status.startsWith("uninstall")) {
    return false;
  }
  if (operation === "updating" && isPending && revisions.length > 1) {
    note(`${name}: helm's revision ${newest.revision}, ${newest.status}, is taken away.`);
    // Where helm keeps it: https://helm.sh/docs/topics/advanced/#storage-backends
    const secret = `sh.helm.release.v1.${name}.v${newest.revision}`;
    await run("kubectl", "delete", "secret", secret, "--namespace", namespace);
    return false;
  }
  note(`${name}: what helm has of it (${newest.status}) is uninstalled.`);
  const wait = ["--ignore-not-found", "--wait", "--timeout", "5m"];
  await run("helm", "uninstall", name, "--namespace", namespace, ...wait);
  return operation === "updating";
}

interface Revision {
  revision: number;
  status: string;
}

async function history(namespace: string, name: string, run: Run): Promise<Revision[]> {
  try {
    const text = await run("helm", "history", name, "--namespace", namespace, "--output", "json");
    return (JSON.parse(text) as Revision[]).sort((a, b) => a.revision - b.revision);
  } catch (error) {
    if (/release: not found/.test((error as Error).message)) return [];
    throw error;
  }
}

/**
 * How programs are run against a sandbox's cluster; undefined where it has none.
 *
 * @param bin the folder of the programs.
 */
export function runInCluster(name: string, bin: string): Run | undefined {
  const kubeconfig = join(stateDir(name), "control-plane", "kubeconfig");
  if (!existsSync(kubeconfig)) return undefined;
  const path = [bin, process.env["PATH"]].join(delimiter);
  const env = {
    ...process.env,
    ...engineEnvironment(name),
    KUBECONFIG: kubeconfig,
    PATH: path,
  };
  return (program, ...args) =>
    new Promise((resolve, reject) => {
      const child = execFile(join(bin, program), args, { env }, (error, stdout, stderr) => {
        process.off("exit", stop);
        if (error) reject(new Error(stderr.trim() || error.message));
        else resolve(stdout);
      });
      const stop = () => child.kill();
      process.on("exit", stop);
    });
}
