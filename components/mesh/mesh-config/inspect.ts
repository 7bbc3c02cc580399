import { isMapping } from "../../resources/mapping.js";
import { nanoseconds } from "./formats.js";
import { meshConfigRules } from "./rules.js";
import { meshConfigTypes } from "./types.js";

/** Within the mesh configuration: `["outboundTrafficPolicy"]`. */
type Path = (string | number)[];

/** A value in a mesh configuration that istiod can't read, or refuses. */
export interface UnreadableValue {
  path: Path;
  value: unknown;
  /** What istiod reads there: `expected an object with mode or tls`. */
  expected: string;
}

/** A field that istiod does not have, and skips. */
export interface UnknownField {
  path: Path;
  value: unknown;
  /** The fields there are. */
  known: string[];
}

/** The newest minor of Istio 1.x whose names of enumerations are known here. */
const knownMinor = 31;

/**
 * The values in a mesh configuration that istiod can't read or refuses. It then ignores the whole configuration and says so
 * only in its log (https://github.com/istio/istio/blob/1.31.1/pkg/config/mesh/meshwatcher/collection.go). Fields that it
 * does not know it skips.
 *
 * @param version of Istio, `1.31.1`.
 */
export function unreadableValues(meshConfig: unknown, version: string): UnreadableValue[] {
  return inspectMeshConfig(meshConfig, version).unreadable;
}

/** {@link unreadableValues}, and the fields that this version of istiod does not have. */
export function inspectMeshConfig(meshConfig: unknown, version: string) {
  const anyName = Number(version.split(".")[1]) > knownMinor;
  const unreadable: UnreadableValue[] = [];
  const unknown: UnknownField[] = [];
  check(meshConfig, "MeshConfig", []);
  return { unreadable, unknown };

  function check(value: unknown, type: string, path: Path): void {
    // A null leaves the default.
    if (value === null || value === undefined) return;
    const refuse = (expected: string) => void unreadable.push({ path, value, expected });
    const inner = type.slice(0, -2);
    if (type.endsWith("[]")) {
      if (!Array.isArray(value)) return refuse("expected a list");
      value.forEach((each, i) => check(each, inner, [...path, i]));
    } else if (type.endsWith("{}")) {
      if (!isMapping(value)) return refuse("expected an object");
      for (const [key, each] of Object.entries(value)) check(each, inner, [...path, key]);
    } else if (type.startsWith("(")) {
      const names = type.slice(1, -1).split("|");
      const known = typeof value === "string" && (anyName || names.includes(value));
      if (!known && !scalars.int32.reads(unquoted(value)))
        refuse(`expected one of ${names.join(", ")}`);
    } else if (type in scalars) {
      const { reads, expected } = scalars[type as keyof typeof scalars];
      if (!reads(value)) refuse(expected);
    } else if (!isMapping(value)) {
      const fields = Object.keys(messages[type] ?? {});
      const such = fields.length > 0 ? ` with fields such as ${fields.slice(0, 2).join(", ")}` : "";
      refuse(`expected an object${such}`);
    } else {
      const before = unreadable.length;
      const fields = messages[type];
      for (const [key, each] of Object.entries(value)) {
        const name = camelCase(key);
        const field = fields?.[name];
        if (field) checkField(each, field, `${type}.${name}`, [...path, key]);
        else if (fields && !anyName) {
          unknown.push({ path: [...path, key], value: each, known: Object.keys(fields) });
        }
      }
      // A message as a whole, if each of its fields is right.
      if (unreadable.length === before) {
        const named = Object.entries(value).map(([key, each]) => [camelCase(key), each]);
        require(type, Object.fromEntries(named), path);
      }
    }
  }

  function checkField(value: unknown, type: string, name: string, path: Path): void {
    const before = unreadable.length;
    check(value, type, path);
    if (unreadable.length > before) return;
    if (Array.isArray(value)) value.forEach((each, i) => require(name, each, [...path, i]));
    else require(name, value, path);
  }

  function require(rule: string, value: unknown, path: Path): void {
    if (value === null || value === undefined) return;
    const expected = meshConfigRules[rule]?.(value);
    if (expected) unreadable.push({ path, value, expected });
  }
}

const whole = (first: number, last: number) => ({
  reads: (value: unknown) => {
    const number = numeric(value);
    return Number.isInteger(number) && number >= first && number <= last;
  },
  expected: `expected a whole number from ${first} to ${last}`,
});
const anyNumber = {
  reads: (value: unknown) => !Number.isNaN(numeric(value)),
  expected: "expected a number",
};

/** As https://pkg.go.dev/github.com/golang/protobuf/jsonpb reads them, which takes a number in quotes for a number. */
const scalars = {
  string: {
    reads: (value: unknown) => typeof value === "string",
    expected: 'expected text, in quotes if it looks like a number or like true ("true")',
  },
  bool: {
    reads: (value: unknown) => typeof value === "boolean",
    expected: "expected true or false, without quotes",
  },
  int32: whole(-(2 ** 31), 2 ** 31 - 1),
  int64: whole(-(2 ** 63), 2 ** 63),
  uint32: whole(0, 2 ** 32 - 1),
  float: anyNumber,
  double: anyNumber,
  duration: {
    reads: (value: unknown) => typeof value === "string" && nanoseconds(value) !== undefined,
    expected: 'expected a duration such as "10s" or "1m30s"',
  },
};

const unquoted = (value: unknown) => (typeof value === "number" ? value : undefined);

const numeric = (value: unknown) =>
  typeof value === "number" ||
  (typeof value === "string" && /^-?(0|[1-9]\d*)(\.\d+)?(e[-+]?\d+)?$/i.test(value))
    ? Number(value)
    : NaN;

/** Messages by name, types by field. */
const messages: Record<string, Record<string, string>> = Object.fromEntries(
  meshConfigTypes
    .trim()
    .split(/\n(?! )/)
    .map((message) => {
      const [name = "", ...fields] = message.split(/\s+/);
      return [
        name,
        Object.fromEntries(fields.map((field) => field.split(":") as [string, string])),
      ];
    }),
);

/** A field may be written in either of protobuf's spellings: `trust_domain`, `trustDomain`. */
const camelCase = (key: string) =>
  key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
