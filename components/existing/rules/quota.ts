import type { KubernetesObject } from "../../resources/manifest.js";

export interface ResourceQuota {
  metadata: { name: string };
  spec?: { scopes?: string[]; scopeSelector?: object };
  status?: { hard?: Record<string, string>; used?: Record<string, string> };
}

/** `pods: 8 needed, 2 left` */
export interface Shortage {
  quota: string;
  resource: string;
  needed: number;
  left: number;
}

interface Pods {
  containers: {
    resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  }[];
}

/** The scopes that match Bookinfo's Pods: they have requests and no deadline. */
const ownScopes = ["NotBestEffort", "NotTerminating"];

/** What the quotas do not leave for these objects; quotas with other scopes are for other Pods. */
export function shortagesOf(quotas: ResourceQuota[], objects: KubernetesObject[]): Shortage[] {
  const needs = needsOf(objects);
  return quotas
    .filter(({ spec }) => !spec?.scopeSelector)
    .filter(({ spec }) => (spec?.scopes ?? []).every((scope) => ownScopes.includes(scope)))
    .flatMap(({ metadata, status = {} }) =>
      Object.entries(status.hard ?? {}).flatMap(([resource, hard]) => {
        const needed = needs[resource] ?? 0;
        const left = Math.max(0, quantity(hard) - quantity(status.used?.[resource] ?? "0"));
        return needed > left ? [{ quota: metadata.name, resource, needed, left }] : [];
      }),
    );
}

/** By the names that quotas use: https://kubernetes.io/docs/concepts/policy/resource-quotas/ */
function needsOf(objects: KubernetesObject[]): Record<string, number> {
  const needs: Record<string, number> = {};
  const add = (names: string[], count: number) => {
    for (const name of names) needs[name] = (needs[name] ?? 0) + count;
  };
  for (const { kind, apiVersion, spec } of objects) {
    const group = apiVersion.includes("/") ? `.${apiVersion.split("/")[0]}` : "";
    add([`count/${kind.toLowerCase()}s${group}`, ...(kind === "Service" ? ["services"] : [])], 1);
    if (kind !== "Deployment") continue;
    const { template } = spec as { template: { spec: Pods } };
    add(["pods", "count/pods", "count/replicasets.apps"], 1);
    for (const { resources = {} } of template.spec.containers) {
      for (const [name, amount] of Object.entries(resources.requests ?? {})) {
        add([name, `requests.${name}`], quantity(amount));
      }
      for (const [name, amount] of Object.entries(resources.limits ?? {})) {
        add([`limits.${name}`], quantity(amount));
      }
    }
  }
  return needs;
}

const suffixes: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A quantity as a number: `100m` is 0.1. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
export function quantity(text: string): number {
  const [, number = "0", suffix = ""] = /^([\d.]+(?:[eE]\d+)?)([a-zA-Z]*)$/.exec(text) ?? [];
  return Number(number) * (suffixes[suffix] ?? 1);
}
