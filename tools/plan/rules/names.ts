import type { GuardRail } from "./rule.js";

export const namedAfterTheParent: GuardRail = {
  name: "names start with the parent's name",
  why: "A name is part of the URN: a name that starts with its component's name cannot collide with another component's, and shows where the resource belongs.",
  seesSecrets: false,
  check: ({ entries }) =>
    entries.flatMap(({ name, parent }) =>
      parent === undefined || name.startsWith(`${parent}-`)
        ? []
        : [{ resource: name, problem: `is a child of ${parent}; name it ${parent}-…` }],
    ),
};
