import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

import { engineEnvironment } from "./engine-processes.js";
import { ToolError } from "../../command-line/errors.js";
import { stateDir } from "../../paths.js";
import type { Checkpoint, Recorded } from "../../stacks/checkpoint.js";

const type = "kubernetes:helm.sh/v3:Release";

const nounOf = { creating: "installation", updating: "upgrade", deleting: "deletion" } as const;

/** A Helm release whose operation was interrupted or failed. */
export interface InterruptedRelease {
  urn: string;
  operation: "creating" | "updating" | "deleting";
  namespace: string;
  name: string;
}

/** Runs a program of the control plane's distribution against the sandbox's cluster and returns its output. */
export type Run = (program: "helm" | "kubectl", ...args: string[]) => Promise<string>;

/** The releases in a state that may need clearing. */
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
    // A later operation has created it and kept the earlier record.
    .filter((one) => one.operation !== "creating" || !ids.includes(`${one.namespace}/${one.name}`));
  const urns = pending.map(({ urn }) => urn);
  const failed = recorded
    .filter(({ urn, initErrors }) => initErrors?.length && !urns.includes(urn))
    .flatMap((resource) => of("updating", resource));
  return [...pending, ...failed];
}

/**
 * Clears Helm's interrupted operations, as a person would have to: the provider refuses to create a release whose name is
 * in use, to update a pending one, and to delete one that is gone.
 * https://github.com/pulumi/pulumi-kubernetes/issues/2054
 *
 * @param note tells the person what is done.
 * @returns the URNs of releases that the state has and Helm has not.
 * @throws ToolError if Helm fails.
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
        `The interrupted ${nounOf[operation]} of the Helm release ${namespace}/${name} could not be cleared:\n` +
          `${(error as Error).message}\n` +
          `Inspect it with: helm history ${name} -n ${namespace}`,
      );
    }
  }
  return gone;
}

/** @returns whether Helm has no such release afterwards. */
async function clear(
  { operation, namespace, name }: InterruptedRelease,
  run: Run,
  note: (text: string) => void,
): Promise<boolean> {
  const revisions = await history(namespace, name, run);
  const newest = revisions.at(-1);
  if (!newest) return operation !== "creating";
  // The provider completes the deletion of a release that is still there.
  if (operation === "deleting") return false;
  const isPending = newest.status.startsWith("pending-");
  if (operation === "updating" && !isPending && !newest.status.startsWith("uninstall")) {
    return false;
  }
  if (operation === "updating" && isPending && revisions.length > 1) {
    note(`${name}: removed Helm's revision ${newest.revision} (${newest.status}).`);
    // Helm stores a revision in a Secret: https://helm.sh/docs/topics/advanced/#storage-backends
    const secret = `sh.helm.release.v1.${name}.v${newest.revision}`;
    await run("kubectl", "delete", "secret", secret, "--namespace", namespace);
    return false;
  }
  note(`${name}: uninstalled Helm's unfinished release (${newest.status}).`);
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
 * Runs programs against a sandbox's cluster; undefined if it has none.
 *
 * @param bin the programs' folder.
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
