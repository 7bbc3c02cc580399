import { command, sandboxOfStack } from "../stacks/sandbox-command.js";
import type { Remedy } from "./finding.js";

/** `stack dev`, `sandbox`, `sandbox two`: the name of the sandbox, if it is one. */
function sandboxOf(target: string): string | undefined {
  const [, kind, name = "sandbox"] = /^(stack|sandbox)(?: (.+))?$/.exec(target) ?? [];
  return kind === "stack" ? sandboxOfStack(name) : kind && name;
}

/**
 * What heals the red rows of a report, a sentence with its command each.
 *
 * @param target as in the report: `stack dev`, `sandbox`, `sandbox two`.
 */
export function remedyLines(target: string, remedies: Remedy[]): string[] {
  const changed = new Set(
    remedies.flatMap((remedy) => (remedy.kind === "refresh" ? remedy.changed : [])),
  );
  const others = new Set(
    remedies.flatMap((remedy) =>
      remedy.kind === "command" ? `${remedy.why}: ${remedy.command}` : [],
    ),
  );
  const drift = `Changed outside of Pulumi: ${[...changed].join("; ")}. Restore it with: ${upRefresh(target)}`;
  return [...(changed.size > 0 ? [drift] : []), ...others];
}

function upRefresh(target: string): string {
  const sandbox = sandboxOf(target);
  if (sandbox) return command("up --refresh", sandbox);
  return `pulumi up --refresh --stack ${target.replace(/^stack /, "")}`;
}
