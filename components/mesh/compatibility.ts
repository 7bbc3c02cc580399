import semver from "semver";

/**
 * Kubernetes minors (of 1.x) that an Istio minor is tested on, first and last.
 * Source: https://istio.io/latest/docs/releases/supported-releases/#support-status-of-istio-releases
 */
const kubernetesByIstio: Record<string, readonly [number, number]> = {
  "1.28": [30, 34],
  "1.29": [31, 35],
  "1.30": [32, 36],
  "1.31": [32, 36],
};

/** Kubernetes minors that this Istio supports; undefined for an Istio that the table lacks. */
export function kubernetesRange(istio: string): { first: number; last: number } | undefined {
  const range = kubernetesByIstio[istio.split(".").slice(0, 2).join(".")];
  return range && { first: range[0], last: range[1] };
}

/** Whether Istio supports that Kubernetes (`v1.34.2`); true for an Istio that the table lacks. */
export function istioSupports(istio: string, kubernetes: string): boolean {
  const range = kubernetesRange(istio);
  const minor = minorOf(kubernetes);
  return !range || (minor >= range.first && minor <= range.last);
}

/** `v1.34.2` → 34; NaN for anything that is not a version. */
export function minorOf(version: string): number {
  return semver.parse(version, { loose: true })?.minor ?? Number.NaN;
}

/** Istio minors (`1.31`) that support that Kubernetes, oldest first. */
export function istioMinorsFor(kubernetes: string): string[] {
  return Object.keys(kubernetesByIstio).filter((istio) => istioSupports(istio, kubernetes));
}
