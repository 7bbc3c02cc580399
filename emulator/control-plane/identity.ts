import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { type Certificates, kubeconfig } from "./certificates.js";
import { kubeconfigFile } from "./parts.js";

/**
 * The group of cluster administrators. The token review puts the tenancy's user in it; on OKE, an IAM policy decides
 * who is an administrator.
 * https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengaboutaccesscontrol.htm
 */
export const administrators = "oke-ambient-mesh:administrators";

/** Grants {@link administrators} the role cluster-admin. */
export const administratorsBinding = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRoleBinding",
  metadata: { name: "oke-ambient-mesh-administrators" },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
  subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: administrators }],
};

/**
 * Writes the kubeconfigs of the administrator and of the control plane's parts, and the configuration of the token
 * webhook. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#webhook-token-authentication
 *
 * @returns the path of the administrator's kubeconfig.
 */
export function writeIdentities(
  folder: string,
  server: string,
  keys: Certificates,
  tokenReviewUrl: string,
): string {
  for (const user of ["controllerManager", "scheduler", "kwok", "admin"] as const) {
    const text = kubeconfig(server, keys.ca, keys[user]);
    writeFileSync(kubeconfigFile(folder, user), text, { mode: 0o600 });
  }
  const name = "token-review";
  const review = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster: { server: tokenReviewUrl } }],
    users: [{ name, user: {} }],
  };
  writeFileSync(join(folder, `${name}.kubeconfig`), JSON.stringify(review));
  return kubeconfigFile(folder, "admin");
}
