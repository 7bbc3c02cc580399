import * as pulumi from "@pulumi/pulumi";

/** Freeform tag that names the stack an OCI resource belongs to. */
export const stackTag = "oke-ambient-mesh-stack";

/** Freeform tag of the node pool: the control plane's version that its workers were chosen for. */
export const chosenForTag = "oke-ambient-mesh-workers-for";

/** What every OCI resource of this stack carries, so that it is found again without Pulumi's state. */
export function stackTags(): Record<string, string> {
  return { "managed-by": "oke-ambient-mesh", [stackTag]: pulumi.getStack() };
}

/** Display name of the stack's cluster, VCN and node pool. */
export function displayName(stack = pulumi.getStack()): string {
  return `oke-ambient-mesh-${stack}`;
}

const gone = ["DELETING", "DELETED", "FAILED", "TERMINATING", "TERMINATED"];

/** Whether a resource of OCI, by its tags and its lifecycle state, is this stack's and there. */
export function isOurs(
  tags: Record<string, string> | undefined,
  state: string,
  stack = pulumi.getStack(),
): boolean {
  return tags?.[stackTag] === stack && !gone.includes(state);
}
