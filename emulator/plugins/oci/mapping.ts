import { isObject, type Properties } from "../values.js";

/** Property names that differ between the provider and OCI's API. */
const words: [provider: string, api: string][] = [
  ["bootVolumeSizeInGbs", "bootVolumeSizeInGBs"],
  ["enabled", "isEnabled"],
  ["ipv4cidrBlocks", "ipv4CidrBlocks"],
  ["isIpv6enabled", "isIpv6Enabled"],
  ["memoryInGbs", "memoryInGBs"],
  ["state", "lifecycleState"],
  ["stateless", "isStateless"],
];
const toApiWord = new Map(words);
const fromApiWord = new Map(words.map(([provider, api]) => [api, provider]));

/** Maps with arbitrary keys. */
const freeForm = new Set(["freeformTags", "definedTags", "nodeMetadata", "systemTags"]);

/** Objects that the provider returns as a list of one, and the name of that list. */
const wrapped: Record<string, string> = {
  endpoints: "endpoints",
  metadata: "metadatas",
  nodeSource: "nodeSources",
};

/** Converts a resource's inputs to the body of a request. */
export function toApi(inputs: Properties): Properties {
  return convert(inputs, (key, value) => {
    if ((key === "tcpOptions" || key === "udpOptions") && isObject(value)) {
      const { min, max, ...others } = value;
      const destinationPortRange = min === undefined ? undefined : { min, max };
      return [key, { ...others, ...(destinationPortRange && { destinationPortRange }) }];
    }
    if (key === "bootVolumeSizeInGbs") return ["bootVolumeSizeInGBs", Number(value)];
    return [toApiWord.get(key) ?? key, value];
  });
}

/** Converts a resource of the API to the provider's outputs. */
export function fromApi(item: Properties): Properties {
  const outputs = convert(item, (key, value) => {
    if ((key === "tcpOptions" || key === "udpOptions") && isObject(value)) {
      const { destinationPortRange, ...others } = value;
      return [key, { ...others, ...(isObject(destinationPortRange) && destinationPortRange) }];
    }
    if (key === "bootVolumeSizeInGBs") return ["bootVolumeSizeInGbs", String(value)];
    if (key === "nodeError") return ["errors", isObject(value) ? [value] : []];
    return [fromApiWord.get(key) ?? key, value];
  });
  return Object.fromEntries(
    Object.entries(outputs).map(([key, value]) =>
      wrapped[key] && isObject(value) ? [wrapped[key], [value]] : [key, value],
    ),
  );
}

/** Converts a resource of the API to an entry of a data source, in which each object is a list of one with a plural name. */
export function listEntry(item: Properties): Properties {
  const nest = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(nest);
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        if (freeForm.has(key) || !isObject(inner))
          return [key, freeForm.has(key) ? inner : nest(inner)];
        return [key.endsWith("s") ? key : `${key}s`, [nest(inner)]];
      }),
    );
  };
  return nest(fromApi(item)) as Properties;
}

type Rename = (key: string, value: unknown) => [string, unknown];

function convert(value: Properties, rename: Rename): Properties {
  const deep = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(deep);
    return isObject(inner) ? convert(inner, rename) : inner;
  };
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (freeForm.has(key)) return [key, inner];
      const [word, changed] = rename(key, inner);
      return [word, deep(changed)];
    }),
  );
}
