import { ingress } from "../mesh/names.js";
import type { Settings } from "../settings/settings.js";
import { applicationObjects } from "./objects.js";

type Labels = Record<string, string>;

/** The Deployments' Pods; a client has no port. */
export function podsOf(settings: Settings): { name: string; labels: Labels; isServer: boolean }[] {
  return applicationObjects(settings)
    .filter(({ kind }) => kind === "Deployment")
    .map(({ metadata, spec }) => {
      const { template } = spec as {
        template: { metadata: { labels: Labels }; spec: { containers: { ports?: unknown[] }[] } };
      };
      const isServer = template.spec.containers.some(({ ports }) => ports !== undefined);
      return { name: metadata.name, labels: template.metadata.labels, isServer };
    });
}

/** With those that the chart adds to the Pods of its gateway. */
export const gatewayPodLabels = {
  ...ingress.labels,
  "app.kubernetes.io/name": ingress.name,
  "app.kubernetes.io/instance": ingress.name,
};

export const istiodPodLabels = {
  app: "istiod",
  istio: "pilot",
  "istio.io/rev": "default",
  "app.kubernetes.io/name": "istiod",
  "app.kubernetes.io/instance": "istiod",
};

export const ztunnelPodLabels = {
  app: "ztunnel",
  "app.kubernetes.io/name": "ztunnel",
  "app.kubernetes.io/instance": "ztunnel",
};
