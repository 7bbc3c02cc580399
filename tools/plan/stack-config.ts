import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { parseProjectYaml } from "../../components/settings/project-yaml.js";
import type { StackFile } from "../../components/settings/stack-file.js";
import { project, qualified } from "../../components/settings/types.js";
import { sealed, secretPlaceholder } from "./recording/registration.js";
import { ToolError, UsageError } from "../command-line/errors.js";
import { root } from "../paths.js";
import { parsePair, type PropertyPath, renderPath } from "../stacks/property-path.js";
import { type Config, environmentsOf, shortName } from "../stacks/stack-config.js";
import { stackNames } from "../stacks/stack-files.js";

export interface StackConfig {
  stack: string;
  /** Values by key, without the project's prefix; other packages' keys with theirs. */
  config: Record<string, unknown>;
  /** Keys that hold an encrypted value. */
  secretKeys: string[];
  /** What the plan can't know, and why; empty for a stack without imported environments. */
  unknown?: string;
  /** Placeholder (`<compartmentId>`, `<secret>`) by the valid value that replaces a missing or encrypted one. */
  names: Record<string, string>;
}

/**
 * A stack's configuration as the engine would pass it: its file over the defaults in Pulumi.yaml. An encrypted value
 * becomes `sealed`; `complete` replaces it where the program needs a valid one.
 *
 * @param fullName `dev`, `acme/dev`, or `acme/oke-ambient-mesh/dev`.
 * @throws ToolError if the file is missing or is not YAML.
 */
export function readStack(fullName: string, folder = root): StackConfig {
  const stack = shortName(fullName);
  const declared = qualified(readYaml(join(folder, "Pulumi.yaml"))["config"] as Config);
  const file = readYaml(join(folder, `Pulumi.${stack}.yaml`));
  const given = qualified(file["config"] as Config);
  const config: Record<string, unknown> = {};
  const secretKeys: string[] = [];
  for (const [key, declaration] of Object.entries(declared)) {
    const value = (declaration as { default?: unknown } | null)?.default;
    if (value !== undefined) config[unqualified(key)] = value;
  }
  for (const [key, value] of Object.entries(given)) {
    const [shown, secret] = withoutSecrets(value);
    config[unqualified(key)] = shown;
    if (secret) secretKeys.push(unqualified(key));
  }
  const unknown = unknownOf(stack, environmentsOf(file), Object.keys(declared), Object.keys(given));
  return { stack, config, secretKeys, ...(unknown && { unknown }), names: {} };
}

/**
 * Sets `path=value` pairs, as `pulumi config set --path` reads them: `reviews.v2Percent=50`,
 * `network.apiAllowedCidrs[0]=203.0.113.7/32`.
 *
 * @throws UsageError for a pair without `=`, and for a path that does not fit the value it goes into.
 */
export function override(read: StackConfig, pairs: string[]): StackConfig {
  const config = structuredClone(read.config);
  for (const pair of pairs) {
    const [path, value] = parsePair(pair);
    setAt(config, path, value, pair);
  }
  return { ...read, config };
}

/** The stack's file as the program reads it, to tell an encrypted field from those beside it. */
export function stackFileOf({ config, unknown }: StackConfig): StackFile {
  return {
    config: closed(config) as Record<string, unknown>,
    ...(unknown !== undefined && { environment: true }),
  };
}

function closed(value: unknown): unknown {
  if (value === sealed) return { secure: "" };
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]));
}

/** Fills in a valid value where a required one is missing or encrypted, and keeps its placeholder in `names`. */
export function complete(read: StackConfig): StackConfig {
  const names: Record<string, string> = {};
  const config = withStandIns(read.config, names);
  if (config["cluster"] === "existing") return { ...read, config, names };
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

/** Valid values in place of encrypted ones for which the program would refuse `sealed`. */
const standIns: [key: string, field: string, value: string][] = [
  // A range that RFC 2544 reserves for benchmarks.
  ["network", "vcnCidr", "198.18.0.0/16"],
  ["nodes", "shape", "VM.Encrypted.Flex"],
  ["nodes", "imageId", "ocid1.image.oc1..encrypted"],
  ["mesh", "chartRepository", "https://encrypted.invalid/charts"],
  ["mesh", "imageHub", "encrypted.invalid/hub"],
  ["mesh", "gatewayApi", `encrypted.invalid#sha256=${"0".repeat(64)}`],
];

function withStandIns(config: StackConfig["config"], names: Record<string, string>) {
  const result = { ...config };
  for (const [key, field, value] of standIns) {
    const object = result[key] as Record<string, unknown> | undefined;
    if (object?.[field] !== sealed) continue;
    result[key] = { ...object, [field]: value };
    // The rules compare subnets with the VCN's range, which the program keeps secret itself.
    if (key !== "network") names[value] = secretPlaceholder;
  }
  return result;
}

/** A file's own value wins over an environment's (https://www.pulumi.com/docs/esc/environments/working-with-environments/). */
function unknownOf(stack: string, environments: string[], declared: string[], given: string[]) {
  if (environments.length === 0) return undefined;
  const open = declared.filter((key) => !given.includes(key)).map(unqualified);
  return `Pulumi.${stack}.yaml imports from Pulumi ESC: ${environments.join(", ")}. The plan does not open these environments, so it can't know the values that they set. They may set ${open.join(", ")}, and fields of the others.`;
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
    return parseProjectYaml(text);
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

/** Sets a value as the engine does: a new list grows by one element at a time, and only a key's own value is replaced. */
function setAt(config: Record<string, unknown>, path: PropertyPath, value: unknown, pair: string) {
  let target: Record<string, unknown> | unknown[] = config;
  path.forEach((key, i) => {
    const refuse = (why: string) =>
      new UsageError(
        `--config ${pair}: ${renderPath(path.slice(0, i)) || "the configuration"} ${why}`,
      );
    if (Array.isArray(target) && typeof key !== "number")
      throw refuse("is a list: expected an index such as [0]");
    if (Array.isArray(target) && Number(key) > target.length)
      throw refuse(`has ${target.length} elements: expected an index up to ${target.length}`);
    if (!Array.isArray(target) && typeof key === "number") throw refuse("is not a list");
    const container = target as Record<string | number, unknown>;
    if (i === path.length - 1) {
      container[key] = value;
      return;
    }
    const inner = container[key];
    const isContainer = typeof inner === "object" && inner !== null;
    if (!isContainer && inner !== undefined && inner !== null && i > 0) {
      throw new UsageError(
        `--config ${pair}: ${renderPath(path.slice(0, i + 1))} is one value, without fields`,
      );
    }
    if (!isContainer) container[key] = typeof path[i + 1] === "number" ? [] : {};
    target = container[key] as Record<string, unknown> | unknown[];
  });
}
