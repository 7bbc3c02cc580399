import * as pulumi from "@pulumi/pulumi";

/** Freeform tag with the stack's name. */
export const stackTag = "oke-ambient-mesh-stack";

/** Freeform tag of the node pool with the control plane's version that its workers were chosen for. */
export const chosenForTag = "oke-ambient-mesh-workers-for";

/** Freeform tag of the VCN and the cluster with the time at which the environment may be destroyed. */
export const expiryTag = "oke-ambient-mesh-expires";

/** Freeform tags with the expiry, if there is one. */
export const withExpiry = (
  tags: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined,
  expiresAt: pulumi.Input<string | undefined> | undefined,
): pulumi.Output<Record<string, string>> =>
  pulumi
    .all([tags, expiresAt])
    .apply(([own, at]): Record<string, string> => (at ? { ...own, [expiryTag]: at } : { ...own }));

/** Freeform tags of the stack's OCI resources, by which they are found without Pulumi's state. */
export function stackTags(): Record<string, string> {
  return { "managed-by": "oke-ambient-mesh", [stackTag]: pulumi.getStack() };
}

/** Display name of the stack's cluster, VCN and node pool. */
export function displayName(stack = pulumi.getStack()): string {
  return `oke-ambient-mesh-${stack}`;
}

const gone = ["DELETING", "DELETED", "FAILED", "TERMINATING", "TERMINATED"];

/** Whether an OCI resource with these tags and lifecycle state belongs to the stack and is not deleted. */
export function isOfStack(
  tags: Record<string, string> | undefined,
  state: string,
  stack = pulumi.getStack(),
): boolean {
  return tags?.[stackTag] === stack && !gone.includes(state);
}
