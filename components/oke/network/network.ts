import * as command from "@pulumi/command";
import * as oci from "@pulumi/oci";
import * as pulumi from "@pulumi/pulumi";

import { explainFailures } from "../../resources/hooks.js";
import { parseCidr, subnetCidrs } from "./cidr.js";
import { ociAdvice } from "../oci/advice.js";
import { Gateways } from "./gateways.js";
import type { Services } from "./gateways.js";
import { refuseSecondNetwork } from "../oci/one-stack.js";
import { apiRules, loadBalancerRules, securityListRules, workerRules } from "./rules.js";
import type { Peers, Rule } from "./rules.js";
import { sweepCommand } from "../sweep/command.js";
import { displayName } from "../oci/tags.js";

/** Inputs of {@link Network}. */
export interface NetworkArgs {
  /** OCID of the compartment. */
  compartmentId: pulumi.Input<string>;
  /** The VCN's range, /16 to /26; plain: the subnets' ranges are worked out from it. */
  vcnCidr: string;
  /** Ranges that may reach the Kubernetes API; plain: they decide the number of rules. */
  apiAllowedCidrs: readonly string[];
  /** All of the region's services in the Oracle Services Network; plain: rules name them. */
  services: Services;
  /** Freeform tags of everything here. */
  freeformTags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** OCIDs of VCNs that bear the stack's tag already: beside one of them no other is made. Default: none. */
  existingVcnIds?: readonly string[];
  /** Display name of the VCN, and what the others' names begin with. Default: `oke-ambient-mesh-<stack>`. */
  displayName?: pulumi.Input<string>;
}

/**
 * A VCN with internet, NAT and service gateways and three regional subnets: the API endpoint (public), the
 * workers (private) and the load balancers (public), each with its own security list.
 * Shape: https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengnetworkconfigexample.htm
 *
 * `new Network("network", { compartmentId, vcnCidr, apiAllowedCidrs, services, freeformTags })`; whatever uses the
 * subnets takes `dependsOn: network`, so that it is deleted before the sweep of load balancers, and that before the
 * subnets.
 */
export class Network extends pulumi.ComponentResource {
  readonly vcnId: pulumi.Output<string>;
  readonly apiSubnetId: pulumi.Output<string>;
  readonly workerSubnetId: pulumi.Output<string>;
  readonly loadBalancerSubnetId: pulumi.Output<string>;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:oke:Network", name, {}, opts);
    const range = parseCidr(args.vcnCidr);
    if (!range) throw new pulumi.ResourceError(`${args.vcnCidr} is not an IPv4 range.`, this, true);
    const cidrs = subnetCidrs(range);
    const { compartmentId, freeformTags } = args;
    const title = pulumi.output(args.displayName ?? displayName());
    const shared = { compartmentId, freeformTags };
    const hooks = explainFailures(`${name}-failure`, ociAdvice("the network"), this);
    const child = { parent: this, hooks };
    const onlyOne = refuseSecondNetwork(`${name}-is-the-only-one`, args.existingVcnIds ?? []);

    const vcn = new oci.core.Vcn(
      `${name}-vcn`,
      { ...shared, cidrBlocks: [args.vcnCidr], displayName: title, dnsLabel: "oke" },
      { ...child, hooks: { ...hooks, ...onlyOne } },
    );
    const gateways = new Gateways(
      `${name}-gateways`,
      { ...shared, vcnId: vcn.id, displayName: title, services: args.services },
      { parent: this },
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
          // The one flag of the two that Oracle wants given: it sets the other.
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
      { parent: this, customTimeouts: { delete: "15m" } },
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
