import { isDeepStrictEqual } from "node:util";

import { parse } from "yaml";

import { isMapping } from "../../../components/resources/mapping.js";
import { isEncrypted } from "../../../components/settings/types.js";
import { systemNamespace } from "../cluster/snapshot.js";
import type { Snapshot } from "../cluster/snapshot.js";
import { type Finding, red } from "../finding.js";

type Tree = Record<string, unknown>;

const title = `ConfigMap ${systemNamespace}/istio`;
const command = `helm get manifest istiod -n ${systemNamespace} | kubectl apply -n ${systemNamespace} -f -`;

/**
 * A mesh configuration that istiod can read, but which is not the one that was requested. Names fields only: their
 * values may be secret.
 *
 * @param requested the fields that were set; the chart's defaults may be anything.
 */
export function changedMeshConfig(snapshot: Snapshot, requested: Tree = {}): Finding | undefined {
  if (Object.keys(requested).length === 0) return undefined;
  const configMap = snapshot.named("meshConfigs", "istio");
  const changed = configMap
    ? different(parse(configMap.data?.["mesh"] ?? ""), requested)
    : Object.keys(requested);
  if (changed.length === 0) return undefined;
  const what = configMap
    ? `${title} differs from the settings in ${changed.join(", ")}`
    : `${title} does not exist`;
  return {
    ...red(
      "its mesh configuration is not in force",
      `${what}; a change of the settings takes effect with the next up`,
    ),
    lasting: true,
    // A Helm release does not compare its objects with the cluster.
    remedy: { kind: "command", why: `${what}. Restore what was deployed with:`, command },
  };
}

/** Paths of the requested fields that have another value; a null removes a default. */
function different(actual: unknown, requested: Tree, path = ""): string[] {
  return Object.entries(requested).flatMap(([key, value]) => {
    const found = isMapping(actual) ? actual[key] : undefined;
    if (value === null || isEncrypted(value)) return [];
    if (isMapping(value)) return different(found, value, `${path}${key}.`);
    return isDeepStrictEqual(found, value) ? [] : [path + key];
  });
}
