import { parsePath } from "../../stacks/property-path.js";
import type { Plan } from "../plan.js";

/** The plan with the secrets in its resources' inputs: rules about openness and sizes hold for encrypted values too. */
export function opened(plan: Plan): Plan {
  return {
    ...plan,
    entries: plan.entries.map((entry) => {
      const inputs = structuredClone(entry.inputs);
      for (const [path, value] of Object.entries(entry.secrets)) restore(inputs, path, value);
      return { ...entry, inputs };
    }),
  };
}

function restore(inputs: Record<string, unknown>, path: string, value: unknown): void {
  const keys = parsePath(path);
  const last = keys.pop() ?? "";
  const parent = keys.reduce<unknown>(
    (inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key],
    inputs,
  );
  // A path of which a parent is a secret too has none.
  if (typeof parent === "object" && parent !== null) {
    (parent as Record<string | number, unknown>)[last] = value;
  }
}
