import * as pulumi from "@pulumi/pulumi";

import { hasEngine } from "../../resources/hooks.js";

/**
 * Refuses a compartment with several clusters that have the stack's tag: the program would keep the versions of the
 * first in the list, and the check after a teardown would report them all.
 *
 * @param ids OCIDs of the clusters that are not deleted.
 * @throws pulumi.RunError that lists them.
 */
export function expectOneCluster(
  ids: readonly string[],
  { compartmentId, stack = pulumi.getStack() }: { compartmentId: string; stack?: string },
): void {
  if (ids.length < 2) return;
  throw new pulumi.RunError(
    [
      `Compartment ${compartmentId} has ${ids.length} clusters of stack ${stack}: ${ids.join(", ")}.`,
      "To see which is this stack's: pulumi stack output clusterId",
      ...waysOut(stack),
    ].join("\n"),
  );
}

/**
 * Hooks that refuse to create a network if one with the stack's tag exists. They run only if the state has none, so
 * the existing one belongs to another stack of the same name, or was left behind.
 * https://www.pulumi.com/docs/iac/concepts/resources/options/hooks/
 *
 * @param name the hook's name, unique in the program.
 * @param ids OCIDs of the existing VCNs with the stack's tag.
 */
export function refuseSecondNetwork(
  name: string,
  ids: readonly string[],
): pulumi.CustomResourceOptions["hooks"] {
  if (!hasEngine()) return undefined;
  const stack = pulumi.getStack();
  const refuse = () => {
    const refusal = secondNetwork(ids, stack);
    if (refusal) throw new Error(refusal);
  };
  return { beforeCreate: [new pulumi.ResourceHook(name, refuse, { onDryRun: true })] };
}

/** Why there must be no network beside those; undefined if there are none. */
export function secondNetwork(ids: readonly string[], stack: string): string | undefined {
  if (ids.length === 0) return undefined;
  return [
    `The compartment already has a network of stack ${stack}, which is not in this stack's state: ${ids.join(", ")}.`,
    ...waysOut(stack),
  ].join("\n");
}

const waysOut = (stack: string) => [
  `If it belongs to another stack of that name, rename this one: pulumi stack init ${stack}-<name> --copy-config-from ${stack}`,
  "If an up of this stack was interrupted: pulumi refresh",
  `If it is left over: npm run -s verify -- --stack ${stack} --destroyed, which prints the commands that delete it`,
];
