import type { Box } from "./graph.js";

/** Names of resource types in the picture: singular, plural. */
const words: Record<string, [one: string, many: string]> = {
  Vcn: ["VCN", "VCNs"],
  InternetGateway: ["gateway", "gateways"],
  NatGateway: ["gateway", "gateways"],
  ServiceGateway: ["gateway", "gateways"],
  RouteTable: ["route table", "route tables"],
  SecurityList: ["rule list", "rule lists"],
  Subnet: ["subnet", "subnets"],
  Cluster: ["OKE cluster", "OKE clusters"],
  NodePool: ["node pool", "node pools"],
  kubernetes: ["provider", "providers"],
  Namespace: ["namespace", "namespaces"],
  NamespacePatch: ["namespace label", "namespace labels"],
  ServicePatch: ["service label", "service labels"],
  CustomResourceDefinition: ["definition", "definitions"],
  AuthorizationPolicy: ["policy", "policies"],
  ServiceAccount: ["account", "accounts"],
};
/** Size of the contents' font, in pixels: readable where a README shows the picture smaller. */
export const contentSize = 13.5;
/** Average width of a character. */
const characterWidth = contentSize * 0.51;

/**
 * A box's contents in a few words, as lines of at most `width` pixels: Helm releases and commands by name, everything
 * else counted by kind.
 */
export function contentsOf({ name, members }: Box, width: number): string[] {
  const counts = new Map<string, number>();
  for (const member of members) {
    const kind = member.type.split(":").pop() ?? "";
    const role = member.name.slice(name.length + 1);
    const byRole =
      kind === "Release" ? role : kind === "Command" ? role.split("-").pop() : undefined;
    const key = byRole ?? words[kind]?.[0] ?? kind;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const plurals = new Map(Object.values(words));
  const parts = [...counts].map(([word, count]) =>
    count === 1 ? word : `${count} ${plurals.get(word) ?? `${word}s`}`,
  );
  const most = Math.floor(width / characterWidth);
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const joined = `${last}, ${part}`;
    if (last !== undefined && joined.length <= most) lines[lines.length - 1] = joined;
    else lines.push(part);
  }
  return lines;
}
