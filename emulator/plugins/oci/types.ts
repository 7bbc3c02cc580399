/** What the stand-in knows of a resource type: where it lives in OCI's API and what may change in place. */
export interface ResourceType {
  /** Name of the provider's client, as `CLIENT_HOST_OVERRIDES` has it. */
  client: string;
  /** Collection: `/20160918/vcns`. */
  path: string;
  /** The provider's words for it in messages, and in the names of API operations. */
  service: string;
  operation: string;
  required: string[];
  /** Property paths whose change replaces the resource; what is below them too. */
  forceNew: string[];
  /** Entity in work requests, where create, update and delete go through one. */
  entity?: "cluster" | "nodepool";
  /** Default time-out of an operation in minutes, as the provider has it. */
  minutes: number;
}

const core = (operation: string, path: string, required: string[], forceNew: string[]) => ({
  client: "oci_core.VirtualNetworkClient",
  path: `/20160918/${path}`,
  service: `Core ${operation.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ")}`,
  operation,
  required: ["compartmentId", ...required],
  forceNew,
  minutes: 20,
});

const engine = (operation: string, path: string, entity: "cluster" | "nodepool") => ({
  client: "oci_containerengine.ContainerEngineClient",
  path: `/20180222/${path}`,
  service: `Containerengine ${operation.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ")}`,
  operation,
  entity,
});

/**
 * By type token. What replaces a resource is the provider's own list:
 * https://github.com/oracle/terraform-provider-oci/tree/master/internal/service
 */
export const resourceTypes: Record<string, ResourceType> = {
  "oci:Core/vcn:Vcn": core("Vcn", "vcns", [], ["cidrBlock", "dnsLabel", "isIpv6enabled"]),
  "oci:Core/internetGateway:InternetGateway": core(
    "InternetGateway",
    "internetGateways",
    ["vcnId"],
    ["vcnId"],
  ),
  "oci:Core/natGateway:NatGateway": core(
    "NatGateway",
    "natGateways",
    ["vcnId"],
    ["vcnId", "publicIpId"],
  ),
  "oci:Core/serviceGateway:ServiceGateway": core(
    "ServiceGateway",
    "serviceGateways",
    ["services", "vcnId"],
    ["vcnId"],
  ),
  "oci:Core/routeTable:RouteTable": core("RouteTable", "routeTables", ["vcnId"], ["vcnId"]),
  "oci:Core/securityList:SecurityList": core("SecurityList", "securityLists", ["vcnId"], ["vcnId"]),
  "oci:Core/networkSecurityGroup:NetworkSecurityGroup": core(
    "NetworkSecurityGroup",
    "networkSecurityGroups",
    ["vcnId"],
    ["vcnId"],
  ),
  "oci:Core/subnet:Subnet": core(
    "Subnet",
    "subnets",
    ["cidrBlock", "vcnId"],
    [
      "availabilityDomain",
      "dnsLabel",
      "prohibitInternetIngress",
      "prohibitPublicIpOnVnic",
      "vcnId",
    ],
  ),
  "oci:ContainerEngine/cluster:Cluster": {
    ...engine("Cluster", "clusters", "cluster"),
    required: ["compartmentId", "kubernetesVersion", "vcnId"],
    forceNew: [
      "clusterPodNetworkOptions",
      "compartmentId",
      "endpointConfig.subnetId",
      "kmsKeyId",
      "options.ipFamilies",
      "options.kubernetesNetworkConfig",
      "options.serviceLbSubnetIds",
      "vcnId",
    ],
    minutes: 60,
  },
  "oci:ContainerEngine/nodePool:NodePool": {
    ...engine("NodePool", "nodePools", "nodepool"),
    required: ["clusterId", "compartmentId", "nodeShape"],
    forceNew: [
      "clusterId",
      "compartmentId",
      "nodeConfigDetails.nodePoolPodNetworkOptionDetails.cniType",
      "nodeImageId",
      "nodeImageName",
    ],
    minutes: 50,
  },
};
