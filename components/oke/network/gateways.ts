import * as oci from "@pulumi/oci";
import * as pulumi from "@pulumi/pulumi";

import { Component } from "../../resources/component.js";
import { explainFailures } from "../../resources/hooks.js";
import { ociAdvice } from "../oci/advice.js";

/** An entry of `oci.core.getServices()`. */
export interface Services {
  id: string;
  /** Its name in rules and routes: `all-fra-services-in-oracle-services-network`. */
  cidrBlock: string;
}

/** Inputs of {@link Gateways}. */
export interface GatewaysArgs {
  /** OCID of the compartment. */
  compartmentId: pulumi.Input<string>;
  /** OCID of the VCN. */
  vcnId: pulumi.Input<string>;
  /** All of the region's services in the Oracle Services Network: {@link allServices}. */
  services: Services;
  /** Prefix of display names. */
  displayName: pulumi.Input<string>;
  /** Freeform tags of everything here. */
  freeformTags: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * A VCN's gateways and routes: to the internet for public subnets, through NAT and to Oracle's services for private ones.
 *
 * @example
 * const args = { compartmentId, vcnId: vcn.id, services, displayName: "mesh", freeformTags: {} };
 * const { publicRoutesId } = new Gateways("gateways", args);
 */
export class Gateways extends Component {
  readonly publicRoutesId: pulumi.Output<string>;
  readonly privateRoutesId: pulumi.Output<string>;

  constructor(name: string, args: GatewaysArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:oke:Gateways", name, opts);
    const { compartmentId, vcnId, freeformTags, services } = args;
    const named = (role: string) => ({
      compartmentId,
      vcnId,
      freeformTags,
      displayName: pulumi.interpolate`${args.displayName}-${role}`,
    });
    const hooks = explainFailures(`${name}-failure`, ociAdvice("the network"), this);
    const child = this.childOptions({ hooks });

    const internet = new oci.core.InternetGateway(
      `${name}-internet`,
      { ...named("internet"), enabled: true },
      child,
    );
    const nat = new oci.core.NatGateway(`${name}-nat`, named("nat"), child);
    const service = new oci.core.ServiceGateway(
      `${name}-services`,
      { ...named("services"), services: [{ serviceId: services.id }] },
      child,
    );
    const publicRoutes = new oci.core.RouteTable(
      `${name}-routes-public`,
      {
        ...named("public"),
        routeRules: [
          {
            destination: "0.0.0.0/0",
            destinationType: "CIDR_BLOCK",
            networkEntityId: internet.id,
            description: "Internet",
          },
        ],
      },
      child,
    );
    const privateRoutes = new oci.core.RouteTable(
      `${name}-routes-private`,
      {
        ...named("private"),
        routeRules: [
          {
            destination: "0.0.0.0/0",
            destinationType: "CIDR_BLOCK",
            networkEntityId: nat.id,
            description: "Egress and image pulls",
          },
          {
            destination: services.cidrBlock,
            destinationType: "SERVICE_CIDR_BLOCK",
            networkEntityId: service.id,
            description: "Oracle's services without the internet",
          },
        ],
      },
      child,
    );

    this.publicRoutesId = publicRoutes.id;
    this.privateRoutesId = privateRoutes.id;
    this.registerOutputs({
      publicRoutesId: this.publicRoutesId,
      privateRoutesId: this.privateRoutesId,
    });
  }
}

/**
 * The entry for all of the region's services in an unsorted list that also has one for Object Storage only.
 *
 * @throws pulumi.RunError if there is none.
 */
export function allServices<T extends { name: string }>(offered: readonly T[]): T {
  const found = offered.find(({ name }) =>
    /^All .+ Services In Oracle Services Network$/.test(name),
  );
  if (found) return found;
  throw new pulumi.RunError(
    [
      `OCI lists no "All … Services In Oracle Services Network" for the service gateway. Listed: ${offered.map(({ name }) => name).join(", ") || "nothing"}.`,
      "Needed: Allow group <group> to manage virtual-network-family in compartment <compartment>",
      "Next: npm run doctor",
    ].join("\n"),
  );
}
