import * as pulumi from "@pulumi/pulumi";

/** Freeform tag that names the stack an OCI resource belongs to. */
export const stackTag = "oke-ambient-mesh-stack";

/** What every OCI resource of this stack carries, so that it is found again without Pulumi's state. */
export function stackTags(): Record<string, string> {
  return { "managed-by": "oke-ambient-mesh", [stackTag]: pulumi.getStack() };
}

/** Display name of the stack's cluster, VCN and node pool. */
export function displayName(): string {
  return `oke-ambient-mesh-${pulumi.getStack()}`;
}
