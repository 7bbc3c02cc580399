import { at, chartOf, containers } from "./rule.js";
import type { GuardRail } from "./rule.js";

/** Charts whose templates name an image: `base` has none, `gateway` gets its from istiod. */
const withImages = ["istiod", "cni", "ztunnel"];

export const imagesAreNamedInFull: GuardRail = {
  name: "images are named in full",
  why: "OKE refuses a name without a registry from Kubernetes 1.34 on, and `latest` is another image tomorrow.",
  check: ({ entries }) =>
    entries.flatMap((entry) => {
      const resource = entry.name;
      const ofContainers = containers(entry).flatMap(({ name, image }) =>
        problems(image).map((problem) => ({ resource, problem: `container ${name}: ${problem}` })),
      );
      if (!withImages.includes(chartOf(entry) ?? "")) return ofContainers;
      const hub = at(entry.inputs, "values", "global", "hub");
      const tag = at(entry.inputs, "values", "global", "tag");
      return problems(`${hub ?? ""}/image${tag === undefined ? "" : `:${tag}`}`).map((problem) => ({
        resource,
        problem: `values.global.hub and .tag: ${problem}`,
      }));
    }),
};

function problems(image: string): string[] {
  const [path = "", digest] = image.split("@");
  const registry = path.split("/")[0] ?? "";
  const tag = /:([^/:]+)$/.exec(path)?.[1];
  const hasRegistry = path.includes("/") && /[.:]|^localhost$/.test(registry);
  return [
    ...(hasRegistry ? [] : [`"${image}" has no registry; write docker.io/… or another host first`]),
    ...(tag === "latest" ? [`"${image}" is whatever is latest; name a version or a digest`] : []),
    ...(tag || digest ? [] : [`"${image}" means latest; name a version or a digest`]),
  ];
}
