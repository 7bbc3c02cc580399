import type { Entry, Plan } from "../plan.js";
import { isObject } from "./rule.js";
import type { Violation } from "./rule.js";

/** What a change of weights or stage must not touch: OCI's resources and the Kubernetes provider. */
const untouchable = ({ type }: Entry) =>
  type.startsWith("oci:") || type === "pulumi:providers:kubernetes";

export const clusterIsUntouched = {
  name: "the cluster stays untouched",
  why: "People change stages and weights on a running cluster: an update of the cluster takes minutes, and a replacement deletes everything on it.",
  seesSecrets: true,
  /** @param changed the plan of the same stack with other weights or at another stage. */
  check: (plan: Plan, changed: Plan): Violation[] => {
    const before = new Map(plan.entries.filter(untouchable).map((entry) => [entry.name, entry]));
    const after = new Map(changed.entries.filter(untouchable).map((entry) => [entry.name, entry]));
    const named = (resource: string, problem: string): Violation => ({ resource, problem });
    return [
      ...[...before.keys()]
        .filter((name) => !after.has(name))
        .map((name) => named(name, "would be deleted")),
      ...[...after].flatMap(([name, entry]) => {
        const known = before.get(name);
        if (!known) return [named(name, "would be created")];
        const paths = differing(known.inputs, entry.inputs);
        if (known.deletedWith !== entry.deletedWith) paths.push("deletedWith");
        if (known.parent !== entry.parent) paths.push("parent");
        if (known.provider !== entry.provider) paths.push("provider");
        return paths.map((path) => named(name, `${path} would change`));
      }),
    ];
  },
};

/** Paths of the properties that differ between two values. */
export function differing(before: unknown, after: unknown, path = ""): string[] {
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) =>
      differing(before[key], after[key], path ? `${path}.${key}` : key),
    );
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
}
