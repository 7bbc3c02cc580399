import { secretPlaceholder, unknownPlaceholder } from "./registration.js";

// The wire format's own marks: pulumi/sdk/go/common/resource/properties.go.
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const assetSignature = "c44067f5952c0a294b673a41bacd8c17";
const archiveSignature = "0def7320c3a5731c473e5ecbe6d01bc7";
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A value of the engine's protocol, as JSON. */
export type Wire = null | boolean | number | string | Wire[] | { [key: string]: Wire };

export const wireSecret = (value: unknown): unknown => ({ [signatureKey]: secretSignature, value });

export interface Decoded {
  /** Without a secret in it. */
  value: Record<string, unknown>;
  /** The secrets, by path. */
  secrets: Record<string, unknown>;
}

/** Reads properties off the wire: secrets and unknown values become their placeholders. */
export function decode(properties: unknown): Decoded {
  const secrets: Record<string, unknown> = {};
  const value = properties
    ? (walk(properties as Wire, "", secrets) as Record<string, unknown>)
    : {};
  return { value, secrets };
}

function walk(wire: Wire, path: string, secrets: Record<string, unknown>): unknown {
  if (wire === unknownValue) return unknownPlaceholder;
  if (wire === null || typeof wire !== "object") return wire;
  if (Array.isArray(wire)) {
    return wire.map((element, index) => walk(element, `${path}[${index}]`, secrets));
  }
  const signature = wire[signatureKey];
  if (signature === secretSignature) {
    secrets[path] = walk(wire["value"] ?? null, path, {});
    return secretPlaceholder;
  }
  const isFile = signature === assetSignature || signature === archiveSignature;
  const entries = Object.entries(wire).filter(([key]) => key !== signatureKey);
  const object = Object.fromEntries(
    entries.map(([key, child]) => [key, walk(child, below(path, key), secrets)]),
  );
  return isFile ? { [signature === assetSignature ? "asset" : "archive"]: object } : object;
}

/** As a property path, in which a key with dots is in quotes. */
function below(path: string, key: string): string {
  const quoted = /[.[\]"]/.test(key);
  if (quoted) return `${path}["${key.replaceAll('"', '\\"')}"]`;
  return path ? `${path}.${key}` : key;
}
