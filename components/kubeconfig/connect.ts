import { homedir } from "node:os";

import * as pulumi from "@pulumi/pulumi";

import { connectionOf, inClusterConnection, type Connection } from "./connection.js";
import { loadDefault, loadFile, loadText, type Kubeconfig } from "./load.js";
import { isPath, whyUnreadable } from "./unreadable.js";

/** The cluster that the configuration's `existing` names. */
export interface Target {
  /** A kubeconfig's path or text. Default: the one that kubectl uses. */
  kubeconfig?: string;
  /** Default: the kubeconfig's current one. */
  context?: string;
}

/**
 * The connection to an existing cluster: what kubectl takes that kubeconfig to mean. Inside a cluster, without a
 * kubeconfig, it is that cluster.
 *
 * @throws pulumi.RunError for a kubeconfig that kubectl would refuse.
 */
export function connectTo({ kubeconfig, context }: Target): Connection {
  let config: Kubeconfig;
  try {
    config = load(kubeconfig);
    if (!kubeconfig && isEmpty(config)) {
      const inside = context ? undefined : inClusterConnection();
      if (inside) return inside;
      throw new Error("neither $KUBECONFIG nor ~/.kube/config has one");
    }
  } catch (error) {
    throw new pulumi.RunError(
      `No kubeconfig: ${whyUnreadable(kubeconfig, error)}.\nNext: pulumi config set --path existing.kubeconfig <path of a kubeconfig>`,
    );
  }
  if (context && !config.contexts.has(context)) {
    const known = [...config.contexts.keys()].join(", ");
    throw new pulumi.RunError(
      `existing.context = ${context}: the kubeconfig has no such context. It has: ${known || "none"}.\nNext: pulumi config set --path existing.context <name>`,
    );
  }
  try {
    return connectionOf(config, context);
  } catch (error) {
    throw new pulumi.RunError(
      `The kubeconfig can't be used: ${(error as Error).message}.\nTo check: kubectl config view --minify. To use another context: pulumi config set --path existing.context <name>`,
    );
  }
}

function load(kubeconfig: string | undefined): Kubeconfig {
  if (!kubeconfig) return loadDefault();
  return isPath(kubeconfig) ? loadFile(filePath(kubeconfig)) : loadText(kubeconfig);
}

/** The path that `existing.kubeconfig` names; a shell would replace the tilde. */
export function filePath(kubeconfig: string): string {
  return kubeconfig.trim().replace(/^~(?=\/)/, homedir());
}

const isEmpty = ({ clusters, contexts }: Kubeconfig) => clusters.size + contexts.size === 0;
