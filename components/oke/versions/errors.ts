import * as pulumi from "@pulumi/pulumi";
import semver from "semver";

import { istioMinorsFor, kubernetesRange } from "../../mesh/compatibility.js";
import { parseImage } from "./image.js";
import type { Offer, Wanted, Worker } from "./types.js";
import { isUnproven } from "./workers.js";

/** OKE answers an identity that lacks permission with an empty list, not with an error. */
export function nothingListed(what: string, { compartmentId }: Offer): pulumi.RunError {
  return new pulumi.RunError(
    [
      `OKE lists no ${what} for compartment ${compartmentId}: this identity lacks permission, or compartmentId names the wrong compartment.`,
      "Needed: Allow group <group> to manage cluster-family in compartment <compartment>",
      "        Allow group <group> to read instance-images in compartment <compartment>",
      "Next: npm run doctor",
    ].join("\n"),
  );
}

/** OKE can't create, or upgrade to, the configured version. */
export function versionMissing(
  configured: string,
  supported: readonly string[],
  running?: string,
): pulumi.RunError {
  const versions = semver.rsort([...supported]);
  // For an upgrade the nearest version; otherwise the newest.
  const next = versions[running ? versions.length - 1 : 0];
  return new pulumi.RunError(
    [
      running
        ? `kubernetesVersion = ${configured}: OKE does not upgrade a control plane from ${running} to it (one minor at a time, never back).`
        : `kubernetesVersion = ${configured}: OKE does not offer it.`,
      `Offered and supported by this Istio: ${versions.join(", ") || "none"}.`,
      next
        ? `Next: pulumi config set kubernetesVersion ${next}`
        : `Next, to keep what runs: pulumi config set kubernetesVersion ${running ?? ""}`,
    ].join("\n"),
  );
}

/** The configured Istio does not support the version that the cluster runs. */
export function istioMismatch(
  istio: string,
  running: string,
  upgrades: readonly string[],
): pulumi.RunError {
  const range = kubernetesRange(istio);
  const [upgrade] = semver.sort([...upgrades]);
  const minors = istioMinorsFor(running);
  return new pulumi.RunError(
    [
      `mesh.version = ${istio}: it supports Kubernetes 1.${range?.first} to 1.${range?.last}, but this stack's cluster runs ${running}.`,
      `Istio releases that support ${running}: ${minors.join(", ") || "none that this program knows"}.`,
      ...(minors.length > 0
        ? [`Next: pulumi config set --path mesh.version ${minors.at(-1)}.<patch>`]
        : []),
      ...(upgrade
        ? [`Or upgrade the cluster: pulumi config set kubernetesVersion ${upgrade}`]
        : []),
    ].join("\n"),
  );
}

/**
 * No image of the release fits any of the control planes.
 *
 * @param fits whether another release has one.
 */
export function imageMissing(
  offer: Offer,
  wanted: Wanted,
  controlPlanes: readonly string[],
  fits: (os: string) => boolean,
): pulumi.RunError {
  const next = [...releasesOf(offer).keys()].find(fits);
  return new pulumi.RunError(
    [
      `nodes.os = ${wanted.os}: OKE offers no x86_64 worker image of Oracle Linux ${wanted.os} that fits Istio ${wanted.istio} and a control plane of ${controlPlanes.join(", ") || "any offered version"} (workers may be up to three minors behind; Oracle Linux 7 and platform images only below 1.35).`,
      ...offeredImages(offer),
      next
        ? `Next, with another release: pulumi config set --path nodes.os ${next}`
        : "Next, with your own image: pulumi config set --path nodes.imageId <ocid1.image…>",
    ].join("\n"),
  );
}

/** The configured image does not fit its control plane. */
export function imageUnfit(
  offer: Offer,
  imageId: string,
  controlPlane: string,
  why: string,
): pulumi.RunError {
  return new pulumi.RunError(
    [
      `nodes.imageId = ${imageId}: it does not fit a control plane of ${controlPlane}. ${why}.`,
      ...offeredImages(offer),
      "Next, to let the program choose: pulumi config rm --path nodes.imageId",
    ].join("\n"),
  );
}

/** A warning about workers on a platform image. */
export function onPlatformImage(
  { worker, image }: Worker,
  offer: Offer,
  fits: (os: string) => boolean,
): string {
  const used = `OKE has no image of Oracle Linux ${image.os} for the offered versions. The workers use platform image ${image.name}, on which OKE installs Kubernetes ${worker} at first boot: they take longer to join.`;
  if (!image.os.startsWith("7.")) return used;
  const next = [...releasesOf(offer).keys()].find(fits);
  return [
    used,
    `Whether they join at all is unproven: in a public report the kubelet on such an image refused its cgroup v1, and Oracle's last known OKE image of Oracle Linux 7 is for 1.33${isUnproven(worker, image.os) ? ", which is not offered here" : ""}.`,
    ...(next ? [`To use another release: pulumi config set --path nodes.os ${next}`] : []),
  ].join("\n");
}

/** A warning about workers that are kept although newer ones fit the configured version. */
export function workersBehind(worker: string, controlPlane: string, best: Worker): string {
  return `The workers run ${worker} and stay behind their control plane of ${controlPlane}; ${best.worker} is offered. To upgrade them: pulumi config set --path nodes.imageId ${best.image.id}`;
}

const numerically = new Intl.Collator("en", { numeric: true }).compare;

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
      .sort(([a], [b]) => numerically(a, b))
      .map(([os, versions]) => [os, [...versions].sort((a, b) => numerically(b, a))]),
  );
}

function offeredImages(offer: Offer): string[] {
  const releases = [...releasesOf(offer)];
  return releases.length > 0
    ? [
        "Offered for x86_64 without GPU:",
        ...releases.map(([os, versions]) => `  Oracle Linux ${os}: ${versions.join(", ")}`),
      ]
    : ["Offered: only GPU and aarch64 images."];
}
