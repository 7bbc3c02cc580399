import { styleText } from "node:util";

import { renderInventory } from "../verify/teardown/leftovers.js";
import type { OperationReport } from "./commands.js";
import type { Operation } from "../automation/operation.js";
import { loadBalancers, pageHints } from "./page.js";
import { cacheDir } from "../paths.js";
import { quoted } from "../../emulator/host/programs.js";
import { command } from "../stacks/sandbox-command.js";
import type { Status } from "../stacks/sandbox-status.js";
import type { Tools } from "../../emulator/toolchain/index.js";

/** The summary of an operation: what changed, which plugins were real, and where to look next. */
export function operationText(
  operation: Operation,
  name: string,
  { changes, seconds, outputs, left }: OperationReport,
  balancers = loadBalancers(name),
): string {
  const would = operation === "preview" ? "would be " : "";
  const words = { create: "created", update: "updated", replace: "replaced", delete: "deleted" };
  const counted = Object.entries(words)
    .filter(([key]) => changes[key as keyof typeof words] > 0)
    .map(([key, word]) => `${changes[key as keyof typeof words]} ${would}${word}`);
  if (changes.same > 0) counted.push(`${changes.same} unchanged`);
  const lines = ["", `${styleText("bold", counted.join(", ") || "Nothing to do")} in ${seconds} s`];
  if (operation === "destroy") {
    return [...lines, ...(left ? [renderInventory("OCI", left).trimEnd()] : [])].join("\n");
  }
  lines.push("");
  for (const [key, value] of Object.entries(outputs)) {
    lines.push(`  ${key.padEnd(16)} ${typeof value === "string" ? value : JSON.stringify(value)}`);
  }
  const hints = pageHints(outputs["productpageUrl"], balancers);
  if (hints.length > 0) lines.push("", ...hints);
  lines.push(
    "",
    `Look inside:   eval "$(${command("env", name)})"; kubectl get pods`,
    `Step by step:  npm run walk${name === "sandbox" ? "" : ` -- --name ${name}`}`,
    `Another stage: ${command("up", name)} --stage l4`,
    `Destroy:       ${command("destroy", name)}`,
  );
  return lines.join("\n");
}

/** The versions of the programs that every sandbox needs, as text. */
export function toolsText({ versions, ...tools }: Tools): string {
  const named = Object.entries(versions).map(([tool, version]) => `${tool} ${version}`);
  const missing = [tools.envoy, tools.curl].flatMap((tool) =>
    "missing" in tool ? [`Missing: ${tool.missing}.`] : [],
  );
  return [`${named.join(", ")}: in ${cacheDir}`, ...missing].join("\n");
}

/** What runs, as text. */
export function statusText(name: string, status: Status): string {
  if (!status.running) {
    return `The sandbox "${name}" is not running. Start it with: ${command("up", name)}`;
  }
  const processes = status.processes.map(({ name: part, pid }) => `  ${part.padEnd(26)} ${pid}`);
  const { stage, unreached, resources } = status;
  const at = stage === unreached ? "" : ` at stage ${stage}`;
  const behind = unreached
    ? ` Its settings name stage ${unreached}, which no update has completed.`
    : "";
  return [
    `The sandbox "${name}" is running${at} with ${resources} resources.${behind}`,
    ...(status.page ? [`page: ${status.page}`] : []),
    ...(status.kubeconfig ? [`kubeconfig: ${status.kubeconfig}`] : []),
    ...processes,
  ].join("\n");
}

/** Lines for `eval "$(npm run -s sandbox -- env)"`. */
export function exportLines(variables: Record<string, string>): string {
  const lines = Object.entries(variables).map(([key, value]) => `export ${key}=${quoted(value)}`);
  // A passphrase in the shell, even an empty one, would take precedence over the file.
  return ["unset PULUMI_CONFIG_PASSPHRASE", ...lines].join("\n");
}
