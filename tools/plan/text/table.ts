/** Columns with their minimum widths: a longer cell only shifts its own row. */
const columns = [
  ["peer", 38],
  ["protocol", 9],
  ["ports", 12],
  ["why", 0],
] as const;

const protocols: Record<string, string> = { "1": "ICMP", "6": "TCP", "17": "UDP", all: "all" };

type Json = Record<string, unknown>;

/** OCI security rules as a table, one row each; undefined if `value` is something else or does not fit the columns. */
export function ruleTable(property: string, value: unknown): string | undefined {
  const ingress = property === "ingressSecurityRules";
  if ((!ingress && property !== "egressSecurityRules") || !Array.isArray(value)) return undefined;
  const rows = value.map((rule: Json) => row(rule, ingress ? "source" : "destination"));
  if (rows.length === 0 || rows.some((cells) => cells === undefined)) return undefined;
  const header = [ingress ? "from" : "to", "protocol", "ports", "why"];
  return [header, ...(rows as string[][])]
    .map((cells) => cells.map((cell, i) => cell.padEnd(columns[i]?.[1] ?? 0)).join(" "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

function row(rule: Json, peerKey: string): string[] | undefined {
  const {
    [peerKey]: peer,
    [`${peerKey}Type`]: peerType,
    protocol,
    description,
    stateless,
    tcpOptions,
    udpOptions,
    icmpOptions,
    ...rest
  } = rule;
  if (Object.keys(rest).length > 0 || stateless) return undefined;
  const name = protocols[String(protocol)];
  const ports = range(tcpOptions) ?? range(udpOptions) ?? icmp(icmpOptions);
  if (name === undefined || ports === undefined) return undefined;
  const whom = peerType === "SERVICE_CIDR_BLOCK" ? `${peer} (service)` : peer;
  return [whom, name, ports, description ?? ""].map(String);
}

function range(options: unknown): string | undefined {
  if (options === undefined) return undefined;
  const { min, max, ...rest } = options as Json;
  if (Object.keys(rest).length > 0) return undefined;
  return min === max ? String(min) : `${min}-${max}`;
}

function icmp(options: unknown): string | undefined {
  if (options === undefined) return "all";
  const { type, code } = options as Json;
  return code === undefined ? `type ${type}` : `type ${type}/${code}`;
}
