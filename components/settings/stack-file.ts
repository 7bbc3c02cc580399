import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parseProjectYaml } from "./project-yaml.js";
import { isEncrypted, ownKeys, qualified } from "./types.js";

// Pulumi tells a program which keys hold a secret, not which of their fields. The stack's file has both, but a program
// can't see whether that file or another one (`--config-file`, an environment of Pulumi ESC) is in force.

/** A stack's file, as far as secrets need it. */
export interface StackFile {
  config?: Record<string, unknown> | null;
  environment?: unknown;
}

/** `Pulumi.<stack>.yaml` in a folder; undefined if there is none that can be read. */
export function readStackFile(stack: string, folder = process.cwd()): StackFile | undefined {
  try {
    return parseProjectYaml(readFileSync(join(folder, `Pulumi.${stack}.yaml`), "utf8"));
  } catch {
    return undefined;
  }
}

/** What is known of a setting's value. */
type Secrecy = "plain" | "encrypted" | "unknown";

/**
 * Whether a stack's file has a setting in plain text.
 *
 * @param path a key of the project, and names of fields.
 * @param value the one in force: the file is about another configuration if it has a different one.
 */
function secrecyIn(file: StackFile | undefined, path: readonly string[], value: unknown): Secrecy {
  let found: unknown = ownValues(file);
  for (const name of path) {
    if (typeof found !== "object" || found === null) return "unknown";
    found = (found as Record<string, unknown>)[name];
    if (isEncrypted(found)) return "encrypted";
  }
  if (file?.environment !== undefined) return "unknown";
  return text(found) === text(value) ? "plain" : "unknown";
}

/**
 * The project's settings that a stack's file encrypts: `compartmentId`, `mesh.helmValues.istiod.env.TOKEN`.
 *
 * @param keys those that hold an encrypted value.
 */
export function encryptedIn(file: StackFile | undefined, keys: readonly string[]): string[] {
  return Object.entries(ownValues(file))
    .filter(([key]) => keys.includes(key))
    .flatMap(([key, value]) => encrypted(value, key));
}

function encrypted(value: unknown, path: string): string[] {
  if (isEncrypted(value)) return [path];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => encrypted(inner, `${path}.${name}`));
}

/**
 * A function that returns the value of a setting (`nodes.count`) if it is encrypted, or may be, and otherwise undefined.
 *
 * @param values by key; an object may be JSON text, as Pulumi stores it.
 * @param secretKeys keys that hold an encrypted value.
 */
export function secretValues(
  values: Readonly<Record<string, unknown>>,
  secretKeys: readonly string[],
  file: StackFile | undefined,
): (setting: string) => unknown {
  return (setting) => {
    const [key = "", ...fields] = setting.split(".");
    const value = secretKeys.includes(key) ? valueAt(values[key], fields) : undefined;
    return secrecyIn(file, [key, ...fields], value) === "plain" ? undefined : value;
  };
}

function valueAt(value: unknown, [field]: string[]): unknown {
  if (field === undefined || !value) return value;
  const object: unknown = typeof value === "string" ? JSON.parse(value) : value;
  return (object as Record<string, unknown> | null)?.[field];
}

const ownValues = (file: StackFile | undefined) => ownKeys(qualified(file?.config));

const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
