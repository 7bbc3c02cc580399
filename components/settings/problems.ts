import * as pulumi from "@pulumi/pulumi";

import { withoutCredentials } from "../resources/credentials.js";
import { isEncrypted } from "./types.js";

/** A problem in the configuration. */
export interface Problem {
  /** The path for `pulumi config set --path`: `nodes.ocpus`. */
  key: string;
  /** The configured value; undefined if there is none. */
  value?: unknown;
  /** What is expected, and the next command if it is not obvious. */
  expected: string;
  /** One key with a dot in its name, which `pulumi config rm --path` doesn't find. */
  isWholeKey?: boolean;
}

/** An invalid configuration; Pulumi prints its message without a stack trace. */
export class SettingsError extends pulumi.RunError {
  constructor(readonly problems: readonly Problem[]) {
    super(
      [
        problems.length === 1
          ? "The configuration has a problem:"
          : `The configuration has ${problems.length} problems:`,
        ...problems.map(line),
        `Set a value with \`pulumi config set --path <key> <value>\`${removal(problems)}. Pulumi.yaml describes the keys.`,
      ].join("\n"),
    );
    this.name = "SettingsError";
  }
}

/** How to remove a key, except where its own line tells another way. */
function removal(problems: readonly Problem[]): string {
  const others = problems.filter(({ isWholeKey }) => !isWholeKey);
  if (others.length === 0) return "";
  const which = others.length < problems.length ? "any other" : "one";
  return `, remove ${which} with \`pulumi config rm --path <key>\``;
}

/** A problem as a line of the message. */
export function line({ key, value, expected }: Problem): string {
  if (isEncrypted(value)) return `  ${cannotOpen([key])}`;
  return value === undefined
    ? `  ${key} is not set: ${expected}`
    : `  ${key} = ${shown(key, value)}: ${expected}`;
}

/** The sentence about encrypted values that only the stack's key opens. */
export function cannotOpen(keys: readonly string[]): string {
  const are = keys.length === 1 ? "is" : "are";
  return `${keys.join(" and ")} ${are} encrypted and can't be opened: set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE, or log in to the backend or key service that holds the stack's key`;
}

/** Hides kubeconfigs: they may contain a credential, and errors end up in logs. */
function shown(key: string, value: unknown): string {
  if (key === "existing.kubeconfig") return "[secret]";
  const text = withoutCredentials(JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
