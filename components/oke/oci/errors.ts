import * as pulumi from "@pulumi/pulumi";

/** Policies that the identity needs: https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengpolicyconfig.htm */
export const policies = [
  "Needed: Allow group <group> to manage cluster-family in compartment <compartment>",
  "        Allow group <group> to manage virtual-network-family in compartment <compartment>",
  "        Allow group <group> to manage instance-family in compartment <compartment>",
  "        Allow group <group> to inspect compartments in tenancy",
];

/**
 * The refresh after someone has deleted the cluster: without the variable, objects in an unreachable cluster fail it
 * (https://github.com/pulumi/pulumi-kubernetes/pull/1522).
 */
export const refreshWithoutCluster = "PULUMI_K8S_DELETE_UNREACHABLE=true pulumi refresh";

/**
 * Explains an error of OCI. "NotAuthorizedOrNotFound" means a missing policy or a wrong OCID:
 * https://docs.oracle.com/en-us/iaas/Content/API/References/apierrors.htm
 *
 * @returns a pulumi.RunError for known errors, the error itself for others.
 */
export function explained(
  error: unknown,
  { what, compartmentId }: { what: string; compartmentId: string },
): Error {
  const text = error instanceof Error ? error.message : String(error);
  if (isNotFound(text)) {
    return new pulumi.RunError(
      [
        `OCI refuses to ${what} in compartment ${compartmentId}: it does not exist, or this identity lacks permission.`,
        ...policies,
        "Next: npm run doctor",
      ].join("\n"),
    );
  }
  if (/NotAuthenticated|\b401\b/.test(text)) {
    return new pulumi.RunError(
      `OCI refuses to ${what}: it does not recognize the API key. User, fingerprint, key and tenancy must belong together, and this machine's clock must be right within five minutes.\nNext: npm run doctor`,
    );
  }
  return error instanceof Error ? error : new Error(text);
}

/** Calls OCI; its errors are {@link explained}. */
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
 * Calls OCI about the stack's cluster, which someone may have deleted although Pulumi's state has it.
 *
 * @throws pulumi.RunError if OCI does not find the cluster; the error itself otherwise.
 */
export async function askingCluster<T>(clusterId: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (!isNotFound(text)) throw error;
    throw new pulumi.RunError(
      [
        `OCI does not find this stack's cluster ${clusterId}: someone deleted it, or this identity lacks permission.`,
        "Needed: Allow group <group> to manage cluster-family in compartment <compartment>",
        `Next, if it was deleted: ${refreshWithoutCluster}, then pulumi up`,
      ].join("\n"),
    );
  }
}

const isNotFound = (text: string) => /NotAuthorizedOrNotFound|\b404\b/.test(text);
