import { command, sandboxOfStack } from "../stacks/sandbox-command.js";
import type { Remedy } from "./finding.js";

/** `stack dev`, `sandbox`, `sandbox two`: the name of the sandbox, if it is one. */
function sandboxOf(target: string): string | undefined {
  const [, kind, name = "sandbox"] = /^(stack|sandbox)(?: (.+))?$/.exec(target) ?? [];
  return kind === "stack" ? sandboxOfStack(name) : kind && name;
}

/** What heals red rows, and the command that does it. */
export interface Healing {
  why: string;
  command: string;
}

/**
 * What heals the red rows of a report.
 *
 * @param target as in the report: `stack dev`, `sandbox`, `sandbox two`.
 */
export function healing(target: string, remedies: Remedy[]): Healing[] {
  const changed = new Set(
    remedies.flatMap((remedy) => (remedy.kind === "refresh" ? remedy.changed : [])),
  );
  const others = new Map(
    remedies.flatMap((remedy): [string, Healing][] => {
      if (remedy.kind !== "command") return [];
      const { why, command: line } = remedy;
      return [[line, { why, command: onCluster(target, line) }]];
    }),
  );
  const drift = {
    why: `Changed outside of Pulumi: ${[...changed].join("; ")}. Restore it with:`,
    command: upRefresh(target),
  };
  return [...(changed.size > 0 ? [drift] : []), ...others.values()];
}

/** What to try where nothing names a cause: most faults that the mesh does not report are changes by hand. */
export const lastResort = (target: string): Healing => ({
  why: "If something was changed outside of Pulumi, restore it with:",
  command: upRefresh(target),
});

/** A `kubectl` line; in a sandbox's environment, since a shell's own context may be another cluster. */
function onCluster(target: string, line: string): string {
  const sandbox = sandboxOf(target);
  return sandbox ? `eval "$(${command("env", sandbox)})"; ${line}` : line;
}

function upRefresh(target: string): string {
  const sandbox = sandboxOf(target);
  if (sandbox) return command("up --refresh", sandbox);
  return `pulumi up --refresh --stack ${target.replace(/^stack /, "")}`;
}
