/** A resource's properties in plain JavaScript values; {@link unknown} replaces values that a preview cannot know. */
export type Properties = Record<string, unknown>;

/** A value that is unknown until another resource exists; only in previews. */
export const unknown: unique symbol = Symbol.for("oke-ambient-mesh.unknown") as never;

/** Whether a value is a map of properties. */
export function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// The engine's representation of unknown values, secrets and outputs:
// https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/rpc.go
const unknowns = new Set([
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9", // string, or any type
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
]);
const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** Converts a value from the engine, one level deep: unwraps secrets and outputs, and sets {@link unknown}. */
export function fromEngine(value: unknown): unknown {
  if (typeof value === "string")
    return value.length === 36 && unknowns.has(value) ? unknown : value;
  if (!isObject(value) || !(signatureKey in value)) return value;
  const signature = value[signatureKey];
  if (signature === secretSignature) return value["value"];
  if (signature === outputSignature) return "value" in value ? value["value"] : unknown;
  return value;
}

/** The reverse of {@link fromEngine}. */
export function toEngine(value: unknown): unknown {
  return value === unknown ? unknownText : value;
}
