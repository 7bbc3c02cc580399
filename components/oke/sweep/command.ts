import type * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";

import { identityEnvironment } from "../oci/identity-environment.js";

/** Names of the environment variables between {@link sweepCommand} and `sweep/cli.ts`. */
export const sweepVariables = {
  compartmentId: "SWEEP_COMPARTMENT_ID",
  subnetId: "SWEEP_SUBNET_ID",
} as const;

/**
 * A command that does nothing on create and, on delete, deletes the load balancers left in the subnet. Kubernetes
 * deletes them only while its API server runs. Left behind, they cost money and block the subnet
 * (https://github.com/oracle/terraform-provider-oci/issues/2185).
 */
export function sweepCommand(args: {
  compartmentId: pulumi.Input<string>;
  subnetId: pulumi.Input<string>;
}): command.local.CommandArgs {
  return {
    // No `create`: no command does nothing in every shell
    // (https://github.com/pulumi/pulumi-command/blob/v1.2.1/provider/pkg/provider/local/commandController.go).
    // Runs in the project's folder: https://www.pulumi.com/registry/packages/command/api-docs/local/command/#dir_nodejs
    delete: "node --import tsx components/oke/sweep/cli.ts",
    environment: {
      ...identityEnvironment(),
      [sweepVariables.compartmentId]: args.compartmentId,
      [sweepVariables.subnetId]: args.subnetId,
    },
  };
}
