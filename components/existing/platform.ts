import * as pulumi from "@pulumi/pulumi";

import type { Settings } from "../settings/settings.js";
import type { Metadata } from "./lists.js";

/** A distribution of Kubernetes whose CNI directories the charts must know. */
interface Platform {
  name: string;
  /** The value of `mesh.platform`; absent where Istio has none. */
  value?: "gke" | "k3d" | "k3s" | "microk8s" | "minikube" | "openshift";
}

/** What tells a distribution. */
export interface PlatformSigns {
  /** `v1.34.2+k3s1` */
  kubernetesVersion: string;
  /** One node. */
  node?: Pick<Metadata, "name" | "labels">;
  /** Names of CRDs. */
  crds: string[];
}

/** The distribution; undefined for one that needs no value, or that does not tell. */
export function platformOf({ kubernetesVersion, node, crds }: PlatformSigns): Platform | undefined {
  const { name = "", labels = {} } = node ?? {};
  if (kubernetesVersion.includes("+k3s")) {
    return name.startsWith("k3d-") ? { name: "k3d", value: "k3d" } : { name: "k3s", value: "k3s" };
  }
  if (kubernetesVersion.includes("-gke.")) return { name: "GKE", value: "gke" };
  if (crds.includes("clusterversions.config.openshift.io")) {
    return { name: "OpenShift", value: "openshift" };
  }
  if ("microk8s.io/cluster" in labels) return { name: "MicroK8s", value: "microk8s" };
  if ("minikube.k8s.io/name" in labels) return { name: "minikube", value: "minikube" };
  if (kubernetesVersion.includes("+rke2")) return { name: "RKE2" };
  if (kubernetesVersion.includes("-eks-")) return { name: "EKS" };
  return undefined;
}

/** A warning about a distribution for which neither `mesh.platform` nor CNI directories are configured. */
export function platformWarning(
  platform: Platform | undefined,
  { mesh }: Pick<Settings, "mesh">,
): string | undefined {
  if (!platform || mesh.platform !== undefined || hasOwnDirectories(mesh.helmValues.cni)) {
    return undefined;
  }
  const { name, value } = platform;
  return value
    ? `The cluster looks like ${name}, where Istio's CNI agent needs other directories or settings than elsewhere, and mesh.platform is not set. Without them no Pod joins the mesh: pulumi config set --path mesh.platform ${value}`
    : `The cluster looks like ${name}, for which mesh.platform has no value: the CNI agent uses /etc/cni/net.d and /opt/cni/bin. If the nodes use these, set them to confirm it, else set theirs: pulumi config set --path mesh.helmValues.cni.cniConfDir /etc/cni/net.d`;
}

/** Whether the CNI chart's values name directories or a platform; secret values may. */
function hasOwnDirectories(values: unknown): boolean {
  if (pulumi.Output.isInstance(values)) return true;
  const cni = (values ?? {}) as Record<string, unknown> & { global?: { platform?: unknown } };
  return (
    ["cniBinDir", "cniConfDir", "cniNetnsDir", "platform"].some((key) => Boolean(cni[key])) ||
    Boolean(cni.global?.platform)
  );
}
