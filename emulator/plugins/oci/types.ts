/** A resource type: its place in OCI's API, and its properties that cannot change in place. */
export interface ResourceType {
  /** Name of the provider's client in `CLIENT_HOST_OVERRIDES`. */
  client: string;
  /** Path of the collection: `/20160918/vcns`. */
  path: string;
  /** The provider's name for it in messages. */
  service: string;
  /** The provider's name for it in API operations: `Create<operation>`. */
  operation: string;
  required: string[];
  /** Property paths at or below which a change replaces the resource. */
  forceNew: string[];
  /** Entity type in work requests, if its operations use them. */
  entity?: "cluster" | "nodepool";
  /** The provider's default timeout of an operation, in minutes. */
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
 * The supported resource types, by type token. Which changes replace a resource is copied from the provider:
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
