import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";

import { project } from "./recording/record.js";
import { sealed, secretPlaceholder } from "./recording/registration.js";
import { ToolError, UsageError } from "../command-line/errors.js";
import { root } from "../paths.js";
import { stackNames } from "../stacks/stack-files.js";

export interface StackConfig {
  stack: string;
  /** Values by key, without the project's prefix; other packages' keys with theirs. */
  config: Record<string, unknown>;
  /** Keys that hold an encrypted value. */
  secretKeys: string[];
  /** Placeholder (`<compartmentId>`, `<secret>`) by the valid value that replaces a missing or encrypted one. */
  names: Record<string, string>;
}

/**
 * A stack's configuration as the engine would pass it: its file over the defaults in Pulumi.yaml. An encrypted value
 * becomes `sealed`; `complete` replaces it where the program needs a valid one.
 *
 * @throws ToolError if the file is missing or is not YAML.
 */
export function readStack(stack: string, folder = root): StackConfig {
  const declared = readYaml(join(folder, "Pulumi.yaml"))["config"] ?? {};
  const given = readYaml(join(folder, `Pulumi.${stack}.yaml`))["config"] ?? {};
  const config: Record<string, unknown> = {};
  const secretKeys: string[] = [];
  for (const [key, declaration] of Object.entries(declared as Record<string, unknown>)) {
    const value = (declaration as { default?: unknown } | null)?.default;
    if (value !== undefined) config[unqualified(key)] = value;
  }
  for (const [key, value] of Object.entries(given as Record<string, unknown>)) {
    const [shown, secret] = withoutSecrets(value);
    config[unqualified(key)] = shown;
    if (secret) secretKeys.push(unqualified(key));
  }
  return { stack, config, secretKeys, names: {} };
}

/**
 * Sets `path=value` pairs, as `pulumi config set --path` reads them: `reviews.v2Percent=50`,
 * `network.apiAllowedCidrs[0]=203.0.113.7/32`.
 *
 * @throws UsageError for a pair without `=`.
 */
export function override(read: StackConfig, pairs: string[]): StackConfig {
  const config = structuredClone(read.config);
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 1) {
      throw new UsageError(
        `--config ${pair}: expected <path>=<value>, for example reviews.v2Percent=50`,
      );
    }
    const path = pair
      .slice(0, at)
      .split(/\.|\[(\d+)\]/)
      .filter(Boolean);
    set(config, path, scalar(pair.slice(at + 1)));
  }
  return { ...read, config };
}

/** Fills in a valid value where a required one is missing or encrypted, and keeps its placeholder in `names`. */
export function complete(read: StackConfig): StackConfig {
  const { config } = read;
  if (config["cluster"] === "existing") return read;
  const names: Record<string, string> = {};
  const completed: Record<string, unknown> = { ...config };
  const { compartmentId } = config;
  if (!compartmentId || compartmentId === sealed) {
    completed["compartmentId"] = "ocid1.compartment.oc1..not-set";
    names["ocid1.compartment.oc1..not-set"] = compartmentId ? secretPlaceholder : "<compartmentId>";
  }
  const network = (config["network"] ?? {}) as Record<string, unknown>;
  const given = network["apiAllowedCidrs"] ?? [];
  // Anything other than a list in an object is an error that the settings report.
  if (typeof network === "object" && Array.isArray(given)) {
    // A range that RFC 5737 reserves for documentation.
    const range = "192.0.2.0/24";
    const filled = given.map((each: unknown) => (each === sealed ? range : each));
    if (given.includes(sealed)) names[range] = secretPlaceholder;
    if (given.length === 0) names[range] = "<network.apiAllowedCidrs>";
    completed["network"] = { ...network, apiAllowedCidrs: given.length > 0 ? filled : [range] };
  }
  return { ...read, config: completed, names };
}

function readYaml(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    const known = stackNames(dirname(path)).join(", ") || "none";
    throw new ToolError(`${path} does not exist. The stacks with a file are: ${known}`);
  }
  try {
    return (parse(text) ?? {}) as Record<string, unknown>;
  } catch (error) {
    throw new ToolError(`${path}: ${(error as Error).message}`);
  }
}

const unqualified = (key: string) =>
  key.startsWith(`${project}:`) ? key.slice(project.length + 1) : key;

/** Replaces ciphertext, `{ secure: … }`, anywhere in a value. */
function withoutSecrets(value: unknown): [shown: unknown, secret: boolean] {
  if (typeof value !== "object" || value === null) return [value, false];
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === "secure") return [sealed, true];
  const entries = Object.entries(value).map(
    ([key, inner]) => [key, withoutSecrets(inner)] as const,
  );
  const secret = entries.some(([, [, inner]]) => inner);
  const shown = entries.map(([key, [inner]]) => [key, inner] as const);
  return [
    Array.isArray(value) ? shown.map(([, inner]) => inner) : Object.fromEntries(shown),
    secret,
  ];
}

/**
 * A value as `pulumi config set --path` stores it: true, false, and integers keep their type; anything else is text, so
 * that nodes.os=8.10 keeps its last digit
 * (https://www.pulumi.com/docs/iac/concepts/config/#structured-configuration).
 */
function scalar(text: string): unknown {
  if (/^(true|false|0|-?[1-9]\d*)$/.test(text)) return JSON.parse(text) as unknown;
  return text;
}

function set(target: Record<string, unknown>, path: string[], value: unknown) {
  const [key, ...rest] = path as [string, ...string[]];
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const inner = target[key];
  const child =
    typeof inner === "object" && inner !== null ? inner : /^\d+$/.test(rest[0] ?? "") ? [] : {};
  target[key] = child;
  set(child as Record<string, unknown>, rest, value);
}
