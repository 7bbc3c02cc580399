import * as pulumi from "@pulumi/pulumi";

/** What an identity needs: https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengpolicyconfig.htm */
export const policies = [
  "Needed: Allow group <group> to manage cluster-family in compartment <compartment>",
  "        Allow group <group> to manage virtual-network-family in compartment <compartment>",
  "        Allow group <group> to manage instance-family in compartment <compartment>",
  "        Allow group <group> to inspect compartments in tenancy",
];

/**
 * A refresh that forgets what was deleted by hand, the cluster too: what is in a cluster that does not answer fails a
 * refresh otherwise (https://github.com/pulumi/pulumi-kubernetes/pull/1522).
 */
export const refreshWithoutCluster = "PULUMI_K8S_DELETE_UNREACHABLE=true pulumi refresh";

/**
 * An answer of OCI as the sentence a person needs. OCI says "NotAuthorizedOrNotFound" for both a missing policy and a
 * wrong OCID: https://docs.oracle.com/en-us/iaas/Content/API/References/apierrors.htm
 *
 * @returns a pulumi.RunError for what is understood, the error itself otherwise.
 */
export function explained(
  error: unknown,
  { what, compartmentId }: { what: string; compartmentId: string },
): Error {
  const text = error instanceof Error ? error.message : String(error);
  if (isNotFound(text)) {
    return new pulumi.RunError(
      [
        `OCI refuses to ${what} in ${compartmentId}: there is no such compartment, or the identity may not.`,
        ...policies,
        "Next: npm run doctor",
      ].join("\n"),
    );
  }
  if (/NotAuthenticated|\b401\b/.test(text)) {
    return new pulumi.RunError(
      `OCI does not know the key that asks to ${what}: user, fingerprint, key and tenancy have to belong together, and the clock has to be right within five minutes.\nNext: npm run doctor`,
    );
  }
  return error instanceof Error ? error : new Error(text);
}

/** Runs a call to OCI; what it throws is {@link explained}. */
export async function asking<T>(
  what: string,
  compartmentId: string,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw explained(error, { what, compartmentId });
  }
}

/**
 * A call about the stack's own cluster, which Pulumi's state has and somebody may have deleted.
 *
 * @throws pulumi.RunError where OCI does not find it; the error itself otherwise.
 */
export async function askingCluster<T>(clusterId: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (!isNotFound(text)) throw error;
    throw new pulumi.RunError(
      [
        `OCI does not find this stack's cluster ${clusterId}: somebody deleted it, or the identity may not see it.`,
        "Needed: Allow group <group> to manage cluster-family in compartment <compartment>",
        `Next, where it was deleted: ${refreshWithoutCluster}, then pulumi up`,
      ].join("\n"),
    );
  }
}

const isNotFound = (text: string) => /NotAuthorizedOrNotFound|\b404\b/.test(text);
