import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import type { CheckResult, Diff, Properties } from "../server.js";
import { connect } from "./kubeconfig.js";
import type { Connection } from "./kubeconfig.js";

/** The provider's configuration, of which this stand-in knows what the program may set. */
export interface Settings {
  connection: Connection;
  /** For objects that name none. */
  namespace: string;
  patchForce: boolean;
  upsert: boolean;
  deleteUnreachable: boolean;
  mutableConfigMaps: boolean;
  mutableSecrets: boolean;
}

/**
 * @param variables as the SDK sends them: whatever is not a string as JSON text
 * @throws Error about the kubeconfig
 */
export function parseSettings(variables: Properties): Settings {
  const flag = (key: string, environment: string) =>
    String(variables[key] ?? process.env[environment] ?? "").toLowerCase() === "true";
  const text = (key: string) => (variables[key] ? String(variables[key]) : undefined);
  if (String(variables["enableServerSideApply"]) === "false")
    throw new Error("enableServerSideApply: false is not offered by this stand-in");
  const source = text("kubeconfig") ?? ambientKubeconfig();
  const connection = connect(source, text("context"), text("cluster"));
  return {
    connection,
    namespace: text("namespace") ?? connection.namespace ?? "default",
    patchForce: flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
    upsert: flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
    deleteUnreachable: flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
    mutableConfigMaps: flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
    mutableSecrets: flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
  };
}

// KUBECONFIG may name several files; the first that is there counts here.
function ambientKubeconfig(): string {
  const files = process.env["KUBECONFIG"]?.split(delimiter).filter(existsSync) ?? [];
  return files[0] ?? join(homedir(), ".kube", "config");
}

export async function checkConfig(news: Properties): Promise<CheckResult> {
  const { kubeconfig } = news;
  const failures: CheckResult["failures"] = [];
  if (typeof kubeconfig === "string") {
    try {
      parseSettings(news);
    } catch (error) {
      failures.push({ property: "kubeconfig", reason: (error as Error).message });
    }
  }
  return { inputs: news, failures };
}

/**
 * Another cluster means other objects, so the provider is replaced, and everything with it. What
 * `clusterIdentifier` says counts; without it, another API server is another cluster.
 */
export async function diffConfig(olds: Properties, news: Properties): Promise<Diff> {
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(
    (key) => key !== "version" && JSON.stringify(olds[key]) !== JSON.stringify(news[key]),
  );
  const identified = olds["clusterIdentifier"] ?? news["clusterIdentifier"];
  const decisive = identified === undefined ? "kubeconfig" : "clusterIdentifier";
  const replaces = keys.includes(decisive) && (identified !== undefined || isElsewhere(olds, news));
  return {
    changes: Object.fromEntries(
      keys.map((key) => [key, replaces && key === decisive ? "update-replace" : "update"]),
    ),
  };
}

function isElsewhere(olds: Properties, news: Properties): boolean {
  try {
    return parseSettings(olds).connection.server !== parseSettings(news).connection.server;
  } catch {
    return true;
  }
}
