import type { Registration } from "./registration.js";

/** Placeholders for the outputs that the program reads, named by resource and property. */
export function placeholderOutputs(registration: Registration): Record<string, unknown> {
  const { name, type, inputs } = registration;
  const of = (property: string) => `<${name}.${property}>`;
  const metadata = (inputs["metadata"] ?? {}) as Record<string, unknown>;
  switch (type) {
    case "oci:ContainerEngine/cluster:Cluster":
      return {
        endpoints: [
          {
            kubernetes: of("endpoint"),
            publicEndpoint: of("endpoint"),
            privateEndpoint: of("endpoint"),
          },
        ],
      };
    case "oci:Core/vcn:Vcn":
      return {
        defaultSecurityListId: of("defaultSecurityListId"),
        defaultRouteTableId: of("defaultRouteTableId"),
        defaultDhcpOptionsId: of("defaultDhcpOptionsId"),
      };
    case "kubernetes:core/v1:Service": {
      const spec = (inputs["spec"] ?? {}) as Record<string, unknown>;
      const ip = of("address");
      if (spec["type"] === "LoadBalancer") {
        return { status: { loadBalancer: { ingress: [{ ip }] } } };
      }
      const ports = ((spec["ports"] ?? []) as Record<string, unknown>[]).map((port) => ({
        nodePort: of(`nodePort.${String(port["name"] ?? port["port"])}`),
        ...port,
      }));
      const chosen = spec["type"] === "NodePort" && { ports };
      return { spec: { ...spec, clusterIP: of("clusterIP"), ...chosen } };
    }
    case "kubernetes:core/v1:Namespace":
      return { metadata: { ...metadata, uid: of("uid") } };
    default:
      return {};
  }
}
