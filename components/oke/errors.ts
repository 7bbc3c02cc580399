import * as pulumi from "@pulumi/pulumi";

/** What an identity needs: https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengpolicyconfig.htm */
export const policies = [
  "Needed: Allow group <group> to manage cluster-family in compartment <compartment>",
  "        Allow group <group> to manage virtual-network-family in compartment <compartment>",
  "        Allow group <group> to manage instance-family in compartment <compartment>",
  "        Allow group <group> to inspect compartments in tenancy",
];

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
  if (/NotAuthorizedOrNotFound|\b404\b/.test(text)) {
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
