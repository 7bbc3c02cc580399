import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

import { project } from "./record.js";
import { secretPlaceholder } from "./registration.js";

/** The repository's root. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A mistake in what was asked for: shown without a stack trace. */
export class PlanError extends Error {}

export interface StackConfig {
  stack: string;
  /** Values by key, without the project's prefix; other packages' keys with theirs. */
  config: Record<string, unknown>;
  /** Keys that hold an encrypted value. */
  secretKeys: string[];
  /** What stands in for a required key that the stack lacks → that key's name, `<compartmentId>`. */
  names: Record<string, string>;
}

/** Names of the stacks with a `Pulumi.<stack>.yaml` here, but the sandbox's own. */
export function stackNames(folder = root): string[] {
  return readdirSync(folder)
    .map((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1])
    .filter((name): name is string => name !== undefined && !/^sandbox(-|$)/.test(name))
    .sort();
}

/**
 * A stack's configuration as the engine would give it: its file over the defaults of Pulumi.yaml.
 * An encrypted value is `<secret>`, a required value that is missing is a valid one that
 * `StackConfig.names` turns back into the key's name.
 *
 * @throws PlanError when the file is missing or not YAML.
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
 * @throws PlanError for a pair without `=`.
 */
export function override(read: StackConfig, pairs: string[]): StackConfig {
  const config = structuredClone(read.config);
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 1) {
      throw new PlanError(
        `--config ${pair}: expected <path>=<value>, such as reviews.v2Percent=50`,
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

/** Puts a valid value where a required one is missing, and remembers the name it stands for. */
export function complete(read: StackConfig): StackConfig {
  const { config } = read;
  if (config["cluster"] === "existing") return read;
  const network = (config["network"] ?? {}) as Record<string, unknown>;
  const cidrs = (network["apiAllowedCidrs"] ?? []) as unknown[];
  const names: Record<string, string> = {};
  const completed: Record<string, unknown> = { ...config };
  if (!config["compartmentId"]) {
    completed["compartmentId"] = "ocid1.compartment.oc1..not-set";
    names["ocid1.compartment.oc1..not-set"] = "<compartmentId>";
  }
  if (cidrs.length === 0 && !network["apiOpenToAll"]) {
    // A range that RFC 5737 keeps for documentation: nobody's own.
    completed["network"] = { ...network, apiAllowedCidrs: ["192.0.2.0/24"] };
    names["192.0.2.0/24"] = "<network.apiAllowedCidrs>";
  }
  return { ...read, config: completed, names };
}

function readYaml(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    const known = stackNames(dirname(path)).join(", ") || "none";
    throw new PlanError(`${path} is not there; the stacks with a file are: ${known}`);
  }
  try {
    return (parse(text) ?? {}) as Record<string, unknown>;
  } catch (error) {
    throw new PlanError(`${path}: ${(error as Error).message}`);
  }
}

const unqualified = (key: string) =>
  key.startsWith(`${project}:`) ? key.slice(project.length + 1) : key;

/** `{ secure: … }`, as a whole value or inside one, is ciphertext. */
function withoutSecrets(value: unknown): [shown: unknown, secret: boolean] {
  if (typeof value !== "object" || value === null) return [value, false];
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === "secure") return [secretPlaceholder, true];
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
 * As `pulumi config set --path` stores a text: true, false and whole numbers as what they are, all
 * else as text, so that nodes.os=8.10 keeps its last digit
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
