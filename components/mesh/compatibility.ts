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

/** Kubernetes minors that this Istio supports; undefined where the table does not know the Istio. */
export function kubernetesRange(istio: string): { first: number; last: number } | undefined {
  const range = kubernetesByIstio[istio.split(".").slice(0, 2).join(".")];
  return range && { first: range[0], last: range[1] };
}

/** Istio minors that the table knows. */
export const knownIstioMinors = Object.keys(kubernetesByIstio);

/** Whether Istio supports that Kubernetes (`v1.34.2`); an Istio that the table does not know is not judged. */
export function istioSupports(istio: string, kubernetes: string): boolean {
  const range = kubernetesRange(istio);
  const minor = minorOf(kubernetes);
  return !range || (minor >= range.first && minor <= range.last);
}

/** `v1.34.2` → 34. */
export function minorOf(version: string): number {
  return Number(/^v?1\.(\d+)/.exec(version)?.[1] ?? Number.NaN);
}

/** Istio minors (`1.31`) that support that Kubernetes, oldest first. */
export function minorsOfIstioFor(kubernetes: string): string[] {
  return knownIstioMinors.filter((istio) => istioSupports(istio, kubernetes));
}

/** Orders versions such as `v1.9.3` and `v1.34.2` by their numbers. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.replace(/^v/, "").split(".").map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
