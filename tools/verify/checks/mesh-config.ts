import { parse } from "yaml";

import { unreadableValues } from "../../../components/mesh/mesh-config/inspect.js";
import { systemNamespace } from "../cluster/snapshot.js";
import type { Snapshot } from "../cluster/snapshot.js";
import { type Finding, red } from "../finding.js";

/**
 * Why istiod does not follow the mesh configuration that it was given: it drops all of it for one value that it can't
 * read, reports that in its log only, and stays ready.
 */
export function ignoredMeshConfig(snapshot: Snapshot): Finding | undefined {
  // A revision's istiod has a ConfigMap of another name, and the program sets none.
  const text = snapshot.named("meshConfigs", "istio")?.data?.["mesh"];
  if (text === undefined) return undefined;
  const where = `ConfigMap ${systemNamespace}/istio`;
  const ignored = (why: string): Finding => ({
    ...red("its mesh configuration is not in force", `istiod ignores all of ${where}: ${why}`),
    lasting: true,
  });
  let config: unknown;
  try {
    config = parse(text);
  } catch (error) {
    return ignored(`it is not valid YAML: ${(error as Error).message.split("\n")[0]}`);
  }
  const [first] = unreadableValues(config, versionOf(snapshot));
  if (!first) return undefined;
  const { path, value, expected } = first;
  return ignored(`${path.join(".")} = ${JSON.stringify(value)}: ${expected}`);
}

/** istiod's version, by its image's tag. */
function versionOf(snapshot: Snapshot): string {
  const { spec } = snapshot.named("systemDeployments", "istiod") ?? {};
  const image = spec?.template?.spec?.containers?.[0]?.image ?? "";
  return image.slice(image.lastIndexOf(":") + 1);
}
