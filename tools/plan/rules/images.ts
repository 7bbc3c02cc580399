import { at, chartOf, containers, valuesOf } from "./rule.js";
import type { GuardRail } from "./rule.js";

/** Charts whose templates name an image: `base` has none, and istiod injects the one of `gateway`. */
const withImages = ["istiod", "cni", "ztunnel"];

export const imagesAreNamedInFull: GuardRail = {
  name: "images have full names",
  why: "From Kubernetes 1.34 on OKE rejects an image name without a registry, and the tag `latest` changes over time.",
  seesSecrets: true,
  check: ({ entries }) =>
    entries.flatMap((entry) => {
      const resource = entry.name;
      const ofContainers = containers(entry).flatMap(({ name, image }) =>
        problems(image).map((problem) => ({ resource, problem: `container ${name}: ${problem}` })),
      );
      const chart = chartOf(entry) ?? "";
      if (!withImages.includes(chart)) return ofContainers;
      const images = imagesOf(chart, valuesOf(entry));
      return images.flatMap(([place, image]) =>
        problems(image).map((problem) => ({ resource, problem: `${place}: ${problem}` })),
      );
    }),
};

/**
 * The images that the templates build from the values: the chart's own hub and tag take precedence over the global ones,
 * and an image with a slash is a full reference
 * (https://github.com/istio/istio/blob/release-1.31/manifests/charts/istio-control/istio-discovery/templates/deployment.yaml).
 */
function imagesOf(chart: string, values: unknown): [place: string, image: string][] {
  const global = at(values, "global");
  const [hub, tag] = [at(global, "hub"), at(global, "tag")];
  const pods = reference(at(values, "hub") || hub, at(values, "tag") || tag, at(values, "image"));
  const proxies = reference(hub, tag, at(global, "proxy", "image"));
  const places: [string, string][] = [["values.hub, .tag and .image, or values.global's", pods]];
  // istiod configures waypoints and gateways, with the global values.
  if (chart === "istiod" && proxies !== pods) {
    places.push(["values.global.hub, .tag and .proxy.image", proxies]);
  }
  return places;
}

function reference(hub: unknown, tag: unknown, image: unknown): string {
  if (String(image).includes("/")) return String(image);
  return `${hub || ""}/image${tag ? `:${tag}` : ""}`;
}

function problems(image: string): string[] {
  const [path = "", digest] = image.split("@");
  const registry = path.split("/")[0] ?? "";
  const tag = /:([^/:]+)$/.exec(path)?.[1];
  const hasRegistry = path.includes("/") && /[.:]|^localhost$/.test(registry);
  return [
    ...(hasRegistry
      ? []
      : [`"${image}" has no registry; start it with a host, for example docker.io/`]),
    ...(tag === "latest" ? [`"${image}" has the tag latest; use a version or a digest`] : []),
    ...(tag || digest
      ? []
      : [`"${image}" has no tag, which means latest; use a version or a digest`]),
  ];
}
