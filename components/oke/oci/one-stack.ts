import * as pulumi from "@pulumi/pulumi";

import { hasEngine } from "../../resources/hooks.js";

/**
 * Refuses a compartment in which several clusters bear one stack's tag: versions would be taken from whichever is
 * listed first, and the proof of a teardown would name them all.
 *
 * @param ids OCIDs of those that live.
 * @throws pulumi.RunError that names them.
 */
export function expectOneCluster(
  ids: readonly string[],
  { compartmentId, stack = pulumi.getStack() }: { compartmentId: string; stack?: string },
): void {
  if (ids.length < 2) return;
  throw new pulumi.RunError(
    [
      `Compartment ${compartmentId} has ${ids.length} clusters of a stack ${stack}: ${ids.join(", ")}.`,
      "Which of them this stack runs on: pulumi stack output clusterId",
      ...waysOut(stack),
    ].join("\n"),
  );
}

/**
 * Hooks that refuse to make a stack's network where one with its tag is there. The engine runs them only where the
 * state knows of none, so that it is another stack's of the same name, whose versions this one would take up, or was
 * left behind. https://www.pulumi.com/docs/iac/concepts/resources/options/hooks/
 *
 * @param name names the hook, once in a program.
 * @param ids OCIDs of the live VCNs that bear the stack's tag.
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

/** What there is to say against a network beside those; undefined where there are none. */
export function secondNetwork(ids: readonly string[], stack: string): string | undefined {
  if (ids.length === 0) return undefined;
  return [
    `The compartment has a network of a stack ${stack}, of which this stack's state does not know: ${ids.join(", ")}.`,
    ...waysOut(stack),
  ].join("\n");
}

const waysOut = (stack: string) => [
  `Another stack's, of the same name: stacks that share a compartment need names of their own: pulumi stack init ${stack}-<name> --copy-config-from ${stack}`,
  "What an up of this stack was making when it was cut off: pulumi refresh asks for it",
  `What nobody uses any more: npm run -s verify -- --stack ${stack} --destroyed shows it, with the commands that delete it`,
];
