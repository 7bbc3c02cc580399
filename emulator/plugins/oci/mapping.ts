import { isObject, type Properties } from "../values.js";

/** Where the provider and OCI's API do not use the same word. */
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

/** Maps whose keys are a person's own. */
const free = new Set(["freeformTags", "definedTags", "nodeMetadata", "systemTags"]);

/** Objects that the provider shows as a list of one, under a word of its own. */
const wrapped: Record<string, string> = {
  endpoints: "endpoints",
  metadata: "metadatas",
  nodeSource: "nodeSources",
};

/** A resource's inputs as the body of a request. */
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

/** A resource of the API as the provider's outputs. */
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

/** A resource of the API as an entry of a data source: there every object is a list of one, and named so. */
export function listEntry(item: Properties): Properties {
  const nest = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(nest);
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        if (free.has(key) || !isObject(inner)) return [key, free.has(key) ? inner : nest(inner)];
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
      if (free.has(key)) return [key, inner];
      const [word, changed] = rename(key, inner);
      return [word, deep(changed)];
    }),
  );
}
