/** A row of the progress display: a step of the walk-through and its components. */
export interface ProgressStep {
  title: string;
  /** Top-level names of the graph; a resource belongs to the one that its own name begins with. */
  components: string[];
}

/** The walk-through's seven steps, by the program's top-level names. */
export const progressSteps: ProgressStep[] = [
  { title: "1 Cluster", components: ["network", "cluster", "nodes", "kubernetes"] },
  { title: "2 Mesh", components: ["gateway-api", "istio-base", "istio", "ingress"] },
  { title: "3 Bookinfo", components: ["namespace", "bookinfo", "clients", "routes"] },
  { title: "4 Ambient", components: ["enrolment"] },
  { title: "5 and 6 Authorization", components: ["productpage-waypoint", "authorization"] },
  { title: "7 Traffic split", components: ["reviews-waypoint", "reviews-split"] },
  { title: "Observability", components: ["observability", "waypoint-metrics", "load"] },
  { title: "Verification", components: ["verification"] },
];

/** The step that a resource belongs to, by the longest top-level name its own begins with. */
export function stepOf(urn: string): ProgressStep | undefined {
  const name = logicalName(urn);
  let found: ProgressStep | undefined;
  let longest = 0;
  for (const step of progressSteps) {
    for (const component of step.components) {
      const belongs = name === component || name.startsWith(`${component}-`);
      if (belongs && component.length > longest) [found, longest] = [step, component.length];
    }
  }
  return found;
}

/** The last part of a URN: the name given in the program. */
export function logicalName(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** Whether a resource is a provider that the engine adds by itself; the engine's counts omit those. */
export function isImplicit(urn: string): boolean {
  return /^default_\d/.test(logicalName(urn));
}
