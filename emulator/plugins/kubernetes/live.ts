import { isObject } from "../server.js";
import type { Properties } from "../server.js";
import { omit } from "./objects.js";

/**
 * A live object in the shape of the inputs that made it: what the API server and others added is
 * left out, what somebody changed or took away is seen. Values that mean the same ("0.5" and
 * "500m") keep the inputs' spelling.
 */
export function liveInputs(live: Properties, inputs: Properties): Properties {
  const shaped = shape(live, inputs) as Properties;
  if (inputs["kind"] === "Secret" && isObject(inputs["stringData"]))
    shaped["stringData"] = decoded(live["data"], inputs["stringData"]);
  return shaped;
}

/** For an object that is looked up: everything a person could have written. */
export function importedInputs(live: Properties): Properties {
  const metadata = isObject(live["metadata"]) ? live["metadata"] : {};
  return { ...omit(live, "status"), metadata: omit(metadata, ...serverMetadata) };
}

const serverMetadata = [
  "creationTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
];

function shape(live: unknown, input: unknown): unknown {
  if (isObject(live) && isObject(input)) {
    const entries = Object.entries(input).map(([key, value]) => {
      // The API server drops empty values; that is not drift.
      if (live[key] === undefined) return [key, isEmpty(value) ? value : undefined];
      return [key, shape(live[key], value)];
    });
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Properties;
  }
  if (Array.isArray(live) && Array.isArray(input))
    return live.slice(0, input.length).map((item, i) => shape(item, input[i]));
  return isSameQuantity(live, input) ? input : live;
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.values(value).every(isEmpty);
  return value === "" || value === false || value === 0 || value === null;
}

function decoded(data: unknown, stringData: Properties): Properties {
  const bytes = isObject(data) ? data : {};
  const entries = Object.keys(stringData)
    .filter((key) => typeof bytes[key] === "string")
    .map((key) => [key, Buffer.from(String(bytes[key]), "base64").toString()]);
  return Object.fromEntries(entries) as Properties;
}

// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
const suffixes: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

function quantity(value: unknown): number | undefined {
  const [, number, suffix] =
    /^([+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?)([a-zA-Z]*)$/.exec(String(value)) ?? [];
  const factor = suffixes[suffix ?? "-"];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}

function isSameQuantity(live: unknown, input: unknown): boolean {
  if (live === input || typeof live !== "string" || typeof input === "object") return false;
  const [a, b] = [quantity(live), quantity(input)];
  return a !== undefined && b !== undefined && Math.abs(a - b) <= 1e-12 * Math.abs(a);
}
