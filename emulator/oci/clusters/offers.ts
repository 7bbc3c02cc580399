import { createHash } from "node:crypto";

import { region } from "../tenancy/identity.js";
import type { Store } from "../state/store.js";

/** What OKE offers in the region. As in OCI, the order has no meaning. */
export interface Offers {
  kubernetesVersions: string[];
  shapes: string[];
  /** Names of worker images: OKE images and platform images. */
  images: string[];
  /** Availability domains without capacity, by shape. */
  withoutCapacity: Record<string, string[]>;
}

/**
 * The offers of a region with worker images of three Oracle Linux releases: 7.9, whose OKE images end with Kubernetes
 * 1.33.1, 8.10 and 9.7. Platform images and images for Arm and GPUs are listed among them.
 * https://docs.oracle.com/en-us/iaas/images/oke-worker-node-oracle-linux-9x/index.htm
 */
const defaultOffers: Offers = {
  kubernetesVersions: ["v1.34.2", "v1.33.10", "v1.36.1", "v1.33.1", "v1.35.2"],
  shapes: [
    "VM.Standard.E4.Flex",
    "BM.Standard.E4.128",
    "VM.Standard.A1.Flex",
    "VM.Standard3.Flex",
    "VM.Standard2.1",
    "VM.Standard.E5.Flex",
    "VM.GPU.A10.1",
    "VM.Standard.A2.Flex",
    "VM.Standard.E3.Flex",
  ],
  images: [
    "Oracle-Linux-8.10-2026.06.15-0-OKE-1.34.2-1505",
    "Oracle-Linux-9.7-Gen2-GPU-2026.06.15-0-OKE-1.36.1-1505",
    "Oracle-Linux-7.9-2026.07.20-0",
    "Oracle-Linux-7.9-2025.01.31-0-OKE-1.33.1-764",
    "Oracle-Linux-9.7-aarch64-2026.06.15-0-OKE-1.33.10-1505",
    "Oracle-Linux-8.10-aarch64-2026.06.15-0-OKE-1.36.1-1505",
    "Oracle-Linux-9.7-2026.06.15-0-OKE-1.35.2-1505",
    "Oracle-Linux-7.9-aarch64-2025.01.31-0-OKE-1.33.1-764",
    "Oracle-Linux-8.10-2026.03.18-0-OKE-1.34.2-1391",
    "Oracle-Linux-8.10-2026.06.15-0-OKE-1.33.10-1505",
    "Oracle-Linux-9.7-2026.06.15-0-OKE-1.36.1-1505",
    "Oracle-Linux-7.9-2024.11.30-0-OKE-1.33.1-745",
    "Oracle-Linux-9.7-2026.06.15-0-OKE-1.34.2-1505",
    "Oracle-Linux-8.10-2026.06.15-0-OKE-1.36.1-1505",
    "Oracle-Linux-9.7-2026.06.30-0",
    "Oracle-Linux-7.9-Gen2-GPU-2025.01.31-0-OKE-1.33.1-764",
    "Oracle-Linux-8.10-2026.06.15-0-OKE-1.35.2-1505",
    "Oracle-Linux-9.7-2026.06.15-0-OKE-1.33.10-1505",
    "Oracle-Linux-8.10-2026.06.30-0",
    "Oracle-Linux-9.7-aarch64-2026.06.15-0-OKE-1.36.1-1505",
    "Oracle-Linux-8.10-Gen2-GPU-2026.06.15-0-OKE-1.34.2-1505",
  ],
  withoutCapacity: {},
};

/** The default offers with the changes that a test has made. */
export function offers(store: Store): Offers {
  return { ...defaultOffers, ...store.document<Partial<Offers>>("offers") };
}

/** Replaces some of the offers; undefined restores the defaults. */
export function changeOffers(store: Store, changes: Partial<Offers> | undefined): void {
  store.keep("offers", changes && { ...store.document<Partial<Offers>>("offers"), ...changes });
}

/** The OCID of an image, derived from its name. */
export function imageId(name: string): string {
  const digest = createHash("sha256").update(name).digest("hex");
  return `ocid1.image.oc1.${region}.aaaaaaaa${digest.slice(0, 52)}`;
}

/** The name of an image that is offered now or by default. */
export function imageName(id: string, { images }: Offers): string | undefined {
  return [...images, ...defaultOffers.images].find((name) => imageId(name) === id);
}

/** `nodePoolOptions`: https://docs.oracle.com/en-us/iaas/api/#/en/containerengine/20180222/NodePoolOptions */
export function nodePoolOptions(
  { kubernetesVersions, shapes, images }: Offers,
  query: Record<string, string>,
): Record<string, unknown> {
  const arch = query["nodePoolOsArch"];
  const version = query["nodePoolK8sVersion"]?.replace(/^v/, "");
  const chosen = images.filter(
    (name) =>
      (!arch || name.includes("-aarch64-") === (arch === "AARCH64")) &&
      (!version || name.includes(`-OKE-${version}-`)),
  );
  return {
    kubernetesVersions,
    shapes,
    images: chosen,
    sources: chosen.map((sourceName) => ({
      sourceType: "IMAGE",
      imageId: imageId(sourceName),
      sourceName,
    })),
  };
}

/** `clusterOptions`: https://docs.oracle.com/en-us/iaas/api/#/en/containerengine/20180222/ClusterOptions */
export function clusterOptions({ kubernetesVersions }: Offers): Record<string, unknown> {
  return {
    kubernetesVersions,
    clusterPodNetworkOptions: [{ cniType: "FLANNEL_OVERLAY" }, { cniType: "OCI_VCN_IP_NATIVE" }],
  };
}
