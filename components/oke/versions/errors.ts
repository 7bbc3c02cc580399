import * as pulumi from "@pulumi/pulumi";

import { compareVersions, kubernetesRange, minorsOfIstioFor } from "../../mesh/compatibility.js";
import { unsuitableShape } from "../shapes.js";
import { parseImage } from "./image.js";
import type { Offer, Wanted } from "./choose.js";
import { isUntried } from "./workers.js";
import type { Worker } from "./workers.js";

/** OKE answers an identity that may not look with an empty list, not with an error. */
export function nothingListed(what: string, offer: Offer): pulumi.RunError {
  return new pulumi.RunError(
    [
      `OKE lists no ${what} for compartment ${offer.compartmentId}. The identity may not look there, or the compartment is not the one that was meant.`,
      "Needed: Allow group <group> to manage cluster-family in compartment <compartment>",
      "        Allow group <group> to read instance-images in compartment <compartment>",
      "Next: npm run doctor",
    ].join("\n"),
  );
}

/** The control plane's version that configuration names is not to be had. */
export function versionMissing(
  named: string,
  fitting: readonly string[],
  running?: string,
): pulumi.RunError {
  const sorted = [...fitting].sort((a, b) => compareVersions(b, a));
  // A named version may be a typing error away from what is wanted: the nearest minor first.
  const next = sorted[running ? sorted.length - 1 : 0];
  return new pulumi.RunError(
    [
      running
        ? `kubernetesVersion = ${named}: OKE does not upgrade a control plane of ${running} to it (one minor at a time, never back).`
        : `kubernetesVersion = ${named}: OKE does not offer it.`,
      `Offered and supported by this Istio: ${sorted.join(", ") || "none"}.`,
      next
        ? `Go on with: pulumi config set kubernetesVersion ${next}`
        : `Go on with what runs: pulumi config set kubernetesVersion ${running ?? ""}`,
    ].join("\n"),
  );
}

/** The cluster that runs is kept, and this Istio does not support what it runs. */
export function istioMismatch(
  istio: string,
  running: string,
  upgrades: readonly string[],
): pulumi.RunError {
  const range = kubernetesRange(istio);
  const [upgrade] = [...upgrades].sort(compareVersions);
  const fitting = minorsOfIstioFor(running);
  return new pulumi.RunError(
    [
      `mesh.version = ${istio}: it supports Kubernetes 1.${range?.first} to 1.${range?.last}, and this stack's cluster runs ${running}.`,
      `Istio that supports ${running}: ${fitting.join(", ") || "none that this program knows"}.`,
      ...(fitting.length > 0
        ? [`Go on with: pulumi config set --path mesh.version ${fitting.at(-1)}.<patch>`]
        : []),
      ...(upgrade
        ? [`Or move the cluster on: pulumi config set kubernetesVersion ${upgrade}`]
        : []),
    ].join("\n"),
  );
}

/** No image of the release goes with any control plane that may be taken. */
export function imageMissing(
  offer: Offer,
  wanted: Wanted,
  controlPlanes: readonly string[],
  wouldDo: (os: string) => boolean,
): pulumi.RunError {
  const next = [...releasesOf(offer).keys()].find(wouldDo);
  return new pulumi.RunError(
    [
      `OKE offers no x86_64 worker image of Oracle Linux ${wanted.os} that goes with Istio ${wanted.istio} and a control plane of ${[...controlPlanes].join(", ") || "any offered version"} (workers may be three minors behind; Oracle Linux 7 and platform images only below 1.35).`,
      ...offeredImages(offer),
      next
        ? `Go on with another release: pulumi config set --path nodes.os ${next}`
        : `Go on with an image of your own: pulumi config set --path nodes.imageId <ocid1.image…>`,
    ].join("\n"),
  );
}

/** The image that configuration names and its control plane do not go together. */
export function imageUnfit(
  offer: Offer,
  imageId: string,
  controlPlane: string,
  why: string,
): pulumi.RunError {
  return new pulumi.RunError(
    [
      `nodes.imageId = ${imageId}: it does not go with a control plane of ${controlPlane}. ${why}.`,
      ...offeredImages(offer),
      "Go on with an image that is chosen for you: pulumi config rm --path nodes.imageId",
    ].join("\n"),
  );
}

/** What is known of workers on an image that OKE has not made. */
export function onPlatformImage(
  { worker, image }: Worker,
  offer: Offer,
  wouldDo: (os: string) => boolean,
): string {
  const taken = `Oracle Linux ${image.os} has no OKE image for the offered versions: the platform image ${image.name} is taken, on which OKE installs Kubernetes ${worker} at first boot. Workers take longer to join.`;
  if (!image.os.startsWith("7.")) return taken;
  const next = [...releasesOf(offer).keys()].find(wouldDo);
  return [
    taken,
    `That they join at all is unproven: by a public report the kubelet on such an image refused its cgroup v1, and Oracle's last known OKE image of Oracle Linux 7 is for 1.33${isUntried(worker, image.os) ? `, to which no workers offered here go back` : ""}.`,
    ...(next ? [`To go on with another release: pulumi config set --path nodes.os ${next}`] : []),
  ].join("\n");
}

/** Workers that are kept, though newer ones that fit the named version are offered. */
export function behind(worker: string, controlPlane: string, best: Worker): string {
  return `The workers run ${worker} and stay, behind their control plane of ${controlPlane}; ${best.worker} is offered. To bring them on: pulumi config set --path nodes.imageId ${best.image.id}`;
}

/** Releases of Oracle Linux, oldest first, and the versions that have an image of them, newest first. */
function releasesOf(offer: Offer): Map<string, string[]> {
  const releases = new Map<string, Set<string>>();
  for (const source of offer.sources) {
    const image = parseImage(source);
    if (!image) continue;
    const versions = releases.get(image.os) ?? new Set();
    releases.set(image.os, versions.add(image.kubernetes ?? "platform image"));
  }
  return new Map(
    [...releases]
      .sort(([a], [b]) => compareVersions(a, b))
      .map(([os, versions]) => [os, [...versions].sort((a, b) => compareVersions(b, a))]),
  );
}

function offeredImages(offer: Offer): string[] {
  const releases = [...releasesOf(offer)];
  return releases.length > 0
    ? [
        "Offered without GPU and aarch64:",
        ...releases.map(([os, versions]) => `  Oracle Linux ${os}: ${versions.join(", ")}`),
      ]
    : ["Offered: only GPU and aarch64 images."];
}

/** The region has no such shape. */
export function shapeMissing(shape: string, offered: readonly string[]): pulumi.RunError {
  const suitable = offered
    .filter((name) => name.endsWith(".Flex") && !unsuitableShape(name))
    .sort();
  return new pulumi.RunError(
    [
      `nodes.shape = ${shape}: OKE does not offer it here.`,
      `Offered flexible x86_64 shapes: ${suitable.join(", ") || "none"}.`,
      `Go on with: pulumi config set --path nodes.shape ${suitable[0] ?? "<shape>"}`,
    ].join("\n"),
  );
}

/** https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengworkingwithenhancedclusters.htm */
export function typeFixed(name: string): pulumi.RunError {
  return new pulumi.RunError(
    `clusterType = basic: ${name} is enhanced, and an enhanced cluster does not become basic again.\nGo on with: pulumi config set clusterType enhanced`,
  );
}
