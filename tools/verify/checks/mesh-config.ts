import { parse } from "yaml";

import { unreadableValues } from "../../../components/mesh/mesh-config/inspect.js";
import type { ReadLog } from "../cluster/logs.js";
import { systemNamespace } from "../cluster/snapshot.js";
import type { Snapshot } from "../cluster/snapshot.js";
import { type Finding, red, UncheckedError } from "../finding.js";

/**
 * Why istiod does not follow the mesh configuration that it was given: it drops all of it for one value that it can't
 * read or refuses, reports that in its log only, and stays ready.
 */
export function ignoredMeshConfig(snapshot: Snapshot): Finding | undefined {
  const text = meshConfigMap(snapshot)?.data?.["mesh"];
  if (text === undefined) return undefined;
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

/**
 * The same from istiod's log, for what only istiod refuses. A line from before the last change is about an earlier
 * configuration. https://github.com/istio/istio/blob/1.31.1/pkg/config/mesh/meshwatcher/collection.go
 */
export async function loggedMeshConfig(
  snapshot: Snapshot,
  readLog: ReadLog,
): Promise<Finding | undefined> {
  const metadata = meshConfigMap(snapshot)?.metadata;
  if (!metadata) return undefined;
  const changes = (metadata.managedFields ?? []).map(({ time = "" }) => time);
  const since = changes.sort().at(-1) || metadata.creationTimestamp;
  const logs = await Promise.all(
    istiodsOf(snapshot).map(({ metadata }) =>
      readLog(
        { namespace: systemNamespace, pod: metadata?.name ?? "", container: "discovery" },
        since,
      ),
    ),
  );
  const refusals = logs.flatMap((log = "") => entriesOf(log).flatMap(refusalIn));
  const last = refusals.at(-1);
  return last === undefined ? undefined : ignored(last);
}

/** None if they can't be listed: what istiod has logged is optional. */
function istiodsOf(snapshot: Snapshot) {
  try {
    const pods = snapshot.list("systemPods");
    return pods.filter(({ metadata }) => metadata?.labels?.["app"] === "istiod");
  } catch (error) {
    if (error instanceof UncheckedError) return [];
    throw error;
  }
}

/** A revision's istiod has a ConfigMap of another name, and the program sets none. */
const meshConfigMap = (snapshot: Snapshot) => snapshot.named("meshConfigs", "istio");

function ignored(why: string): Finding {
  const cause = `istiod ignores all of ConfigMap ${systemNamespace}/istio: ${why}`;
  return { ...red("its mesh configuration is not in force", cause), lasting: true };
}

/** The messages of a log in text, whose errors go on in further lines, or in JSON. */
function entriesOf(log: string): string[] {
  return log.split(/\n(?=\d{4}-\d\d-\d\dT|\{)/).map((entry) => {
    if (!entry.startsWith("{")) return entry;
    try {
      return (JSON.parse(entry) as { msg?: string }).msg ?? "";
    } catch {
      // The last line may be cut off.
      return entry;
    }
  });
}

function refusalIn(entry: string): string[] {
  const [, why] = /\binvalid mesh config\b[^:]*: ([^]*)/.exec(entry) ?? [];
  return why === undefined ? [] : [why.replace(/\s+/g, " ").trim()];
}

/** istiod's version, by its image's tag. */
function versionOf(snapshot: Snapshot): string {
  const { spec } = snapshot.named("systemDeployments", "istiod") ?? {};
  const image = spec?.template?.spec?.containers?.[0]?.image ?? "";
  return image.slice(image.lastIndexOf(":") + 1);
}
