import { styleText } from "node:util";

import { describeExpiry } from "../../components/settings/expiry.js";
import { renderInventory } from "../verify/teardown/leftovers.js";
import { unknown } from "../automation/changes.js";
import { changeLines } from "./change-list.js";
import type { OperationReport } from "./commands.js";
import type { Options } from "./options.js";
import type { Operation } from "../automation/operation.js";
import { hasKiali, loadBalancers, pageHints } from "./page.js";
import { cacheDir } from "../paths.js";
import { quoted } from "../../emulator/host/programs.js";
import { command } from "../stacks/sandbox-command.js";
import { noSandbox, sandboxExists } from "../stacks/sandboxes.js";
import type { Status } from "../stacks/sandbox-status.js";
import type { Tools } from "../../emulator/toolchain/index.js";

/**
 * The summary of an operation: what changed, the stack's outputs, and the commands that go on.
 *
 * @param options of the command line, which a preview passes on to the `up` that it suggests.
 * @param width columns of the terminal.
 */
export function operationText(
  operation: Operation,
  options: Pick<Options, "name" | "stage" | "config" | "refresh">,
  { changes, details, seconds, outputs, left }: OperationReport,
  {
    balancers = loadBalancers(options.name),
    kiali = hasKiali(options.name),
    width = process.stdout.columns || 80,
  } = {},
): string {
  const words = verbs[operation];
  const counted = (["create", "update", "replace", "delete"] as const)
    .filter((kind) => changes[kind] > 0)
    .map((kind) => `${changes[kind]} ${words[kind]}`);
  const anything = counted.length > 0;
  if (changes.same > 0) counted.push(`${changes.same} unchanged`);
  const sum = styleText("bold", counted.join(", ") || "Nothing to do");
  const lines = ["", `${sum} in ${seconds} s`];
  if (operation === "destroy") {
    return [...lines, ...(left ? [renderInventory("OCI", left).trimEnd()] : [])].join("\n");
  }
  if (operation !== "up") lines.push(...changeLines(details, width));
  lines.push("");
  for (const [key, value] of Object.entries(outputs)) {
    const text = typeof value === "object" ? JSON.stringify(value) : outputText(key, String(value));
    lines.push(`  ${key.padEnd(16)} ${value === unknown ? "known after up" : text}`);
  }
  const hints = pageHints(outputs["productpageUrl"], balancers);
  if (kiali && operation === "up") {
    hints.push(
      "The Pods of Kiali and load are scheduled, but the sandbox has no image of them: Kiali",
      "serves no page, and load sends no requests.",
      `Prometheus:    npm run dashboard -- --name ${options.name} --prometheus`,
    );
  }
  if (hints.length > 0) lines.push("", ...hints);
  return [...lines, "", ...nextCommands(operation, options, anything)].join("\n");
}

const outputText = (key: string, text: string) =>
  key === "expiresAt" && text !== unknown ? `${text}, ${describeExpiry(text)}` : text;

const verbs = {
  up: { create: "created", update: "updated", replace: "replaced", delete: "deleted" },
  preview: {
    create: "would be created",
    update: "would be updated",
    replace: "would be replaced",
    delete: "would be deleted",
  },
  refresh: {
    create: "found",
    update: "changed outside of Pulumi",
    replace: "replaced outside of Pulumi",
    delete: "deleted outside of Pulumi",
  },
  destroy: { create: "created", update: "updated", replace: "replaced", delete: "deleted" },
} as const;

function nextCommands(
  operation: Operation,
  { name, stage, config, refresh }: Pick<Options, "name" | "stage" | "config" | "refresh">,
  anything: boolean,
): string[] {
  if (operation === "preview") {
    if (!anything) return ["There is nothing to update."];
    const settings = config.map(([path, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      const pair = `${path}=${text}`;
      return `--config ${/^[\w.=/:,-]+$/.test(pair) ? pair : quoted(pair)}`;
    });
    const given = [...(stage ? [`--stage ${stage}`] : []), ...settings];
    return [`Apply it: ${[command(refresh ? "up --refresh" : "up", name), ...given].join(" ")}`];
  }
  if (operation === "refresh") {
    return [
      anything
        ? `Restore what was changed: ${command("up", name)}`
        : "The stack's state is what really exists.",
    ];
  }
  return [
    `Look inside:   eval "$(${command("env", name)})"; kubectl get pods`,
    `Step by step:  npm run walk${name === "sandbox" ? "" : ` -- --name ${name}`}`,
    `Another stage: ${command("up", name)} --stage l4`,
    `Destroy:       ${command("destroy", name)}`,
  ];
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
    if (!sandboxExists(name)) return noSandbox(name);
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
    ...(status.problem ? [status.problem] : []),
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
