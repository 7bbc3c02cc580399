import type { GuardRail } from "./rule.js";

export const namedAfterTheParent: GuardRail = {
  name: "named after the parent",
  why: "A name is part of the URN: one that starts with its component's name can't collide with another component's, and says where it belongs.",
  check: ({ entries }) =>
    entries.flatMap(({ name, parent }) =>
      parent === undefined || name.startsWith(`${parent}-`)
        ? []
        : [{ resource: name, problem: `is a child of ${parent}; call it ${parent}-…` }],
    ),
};
