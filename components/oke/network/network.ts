import * as command from "@pulumi/command";
import * as oci from "@pulumi/oci";
import * as pulumi from "@pulumi/pulumi";

import { Component } from "../../resources/component.js";
import { explainFailures } from "../../resources/hooks.js";
import { parseCidr, subnetCidrs } from "./cidr.js";
import { ociAdvice } from "../oci/advice.js";
import { Gateways } from "./gateways.js";
import type { Services } from "./gateways.js";
import { refuseSecondNetwork } from "../oci/one-stack.js";
import { apiRules, loadBalancerRules, securityListRules, workerRules } from "./rules.js";
import type { Peers, Rule } from "./rules.js";
import { sweepCommand } from "../sweep/command.js";
import { displayName, withExpiry } from "../oci/tags.js";

/** Inputs of {@link Network}. */
export interface NetworkArgs {
  /** OCID of the compartment. */
  compartmentId: pulumi.Input<string>;
  /** The VCN's range, /16 to /26; not an Input, because the subnets' ranges are computed from it. */
  vcnCidr: string;
  /** Ranges that may reach the Kubernetes API; not an Input, because it decides the number of rules. */
  apiAllowedCidrs: readonly string[];
  /** All of the region's services in the Oracle Services Network. */
  services: Services;
  /** Freeform tags of everything here. */
  freeformTags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** When the environment may be destroyed, as a tag of the VCN: ISO 8601 with its zone. Default: no tag. */
  expiresAt?: pulumi.Input<string | undefined>;
  /** OCIDs of existing VCNs with the stack's tag; creating another one fails. Default: none. */
  existingVcnIds?: readonly string[];
  /** Display name of the VCN, and prefix of the others. Default: `oke-ambient-mesh-<stack>`. */
  displayName?: pulumi.Input<string>;
}

/**
 * A VCN with internet, NAT and service gateways and three regional subnets, each with a security list: for the API
 * endpoint (public), the workers (private) and the load balancers (public).
 * Shape: https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengnetworkconfigexample.htm
 *
 * A cluster depends on the whole component, so that a destroy deletes the cluster, sweeps load balancers left in their
 * subnet, and then deletes the subnets.
 *
 * @example
 * const args = { compartmentId, vcnCidr: "10.0.0.0/16", apiAllowedCidrs: ["203.0.113.7/32"] };
 * const network = new Network("network", { ...args, services, freeformTags: {} });
 */
export class Network extends Component {
  readonly vcnId: pulumi.Output<string>;
  readonly apiSubnetId: pulumi.Output<string>;
  readonly workerSubnetId: pulumi.Output<string>;
  readonly loadBalancerSubnetId: pulumi.Output<string>;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:oke:Network", name, opts);
    const range = parseCidr(args.vcnCidr);
    if (!range) throw new pulumi.ResourceError(`${args.vcnCidr} is not an IPv4 range.`, this, true);
    const cidrs = subnetCidrs(range);
    const { compartmentId, freeformTags } = args;
    const title = pulumi.output(args.displayName ?? displayName());
    const shared = { compartmentId, freeformTags };
    const hooks = explainFailures(`${name}-failure`, ociAdvice("the network"), this);
    const child = this.childOptions({ hooks });
    const onlyOne = refuseSecondNetwork(`${name}-is-the-only-one`, args.existingVcnIds ?? []);

    const vcn = new oci.core.Vcn(
      `${name}-vcn`,
      {
        compartmentId,
        freeformTags: withExpiry(freeformTags, args.expiresAt),
        cidrBlocks: [args.vcnCidr],
        displayName: title,
        dnsLabel: "oke",
      },
      { ...child, hooks: { ...hooks, ...onlyOne } },
    );
    const gateways = new Gateways(
      `${name}-gateways`,
      { ...shared, vcnId: vcn.id, displayName: title, services: args.services },
      this.childOptions(),
    );
    const peers: Peers = {
      ...cidrs,
      apiClients: args.apiAllowedCidrs,
      services: args.services.cidrBlock,
    };

    const subnet = (
      role: "api" | "workers" | "load-balancers",
      settings: { cidrBlock: string; isPublic: boolean; rules: (peers: Peers) => Rule[] },
    ) => {
      const displayName = pulumi.interpolate`${title}-${role}`;
      const rules = securityListRules(settings.rules(peers));
      const list = new oci.core.SecurityList(
        `${name}-rules-${role}`,
        {
          ...shared,
          vcnId: vcn.id,
          displayName,
          ...rules,
        },
        child,
      );
      return new oci.core.Subnet(
        `${name}-subnet-${role}`,
        {
          ...shared,
          vcnId: vcn.id,
          displayName,
          cidrBlock: settings.cidrBlock,
          dnsLabel: role.replace("-", "").slice(0, 15),
          // Oracle asks for only one of the two flags; it sets the other.
          prohibitPublicIpOnVnic: !settings.isPublic,
          routeTableId: settings.isPublic ? gateways.publicRoutesId : gateways.privateRoutesId,
          securityListIds: [list.id],
        },
        child,
      );
    };

    const api = subnet("api", { cidrBlock: cidrs.api, isPublic: true, rules: apiRules });
    const workers = subnet("workers", {
      cidrBlock: cidrs.workers,
      isPublic: false,
      rules: workerRules,
    });
    const loadBalancers = subnet("load-balancers", {
      cidrBlock: cidrs.loadBalancers,
      isPublic: true,
      rules: loadBalancerRules,
    });
    new command.local.Command(
      `${name}-load-balancer-sweep`,
      sweepCommand({ compartmentId, subnetId: loadBalancers.id }),
      this.childOptions({ customTimeouts: { delete: "15m" } }),
    );

    this.vcnId = vcn.id;
    this.apiSubnetId = api.id;
    this.workerSubnetId = workers.id;
    this.loadBalancerSubnetId = loadBalancers.id;
    this.registerOutputs({
      vcnId: this.vcnId,
      apiSubnetId: this.apiSubnetId,
      workerSubnetId: this.workerSubnetId,
      loadBalancerSubnetId: this.loadBalancerSubnetId,
    });
  }
}
