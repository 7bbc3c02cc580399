import { ingress } from "../../../components/mesh/names.js";
import { expectationsAt } from "../../../components/verification/expectations.js";
import type { Answer } from "../../../components/verification/answers.js";
import type { Plan } from "../plan.js";
import { meshOf } from "./mesh.js";
import type { Mesh, Policy } from "./mesh.js";

/** A proxy on a request's way. */
export interface Hop {
  proxy: "gateway" | "client's ztunnel" | "waypoint" | "server's ztunnel";
  /** `productpage-waypoint` */
  name: string;
  /** Whether the proxy's policy admits the request; undefined without a policy. */
  admits?: boolean;
}

/** One request and its way, up to the proxy that refuses it. */
export interface Request {
  /** The expected result that it belongs to. */
  id: string;
  client: string;
  method: string;
  service: string;
  hops: Hop[];
  answer: Answer;
}

/** What a stage's picture shows. */
export interface RequestPaths {
  stage: Plan["stage"];
  ambient: boolean;
  requests: Request[];
  /** Where the requests for each Service end. */
  services: { name: string; versions: { name: string; share?: number }[] }[];
  /** Which proxy decides what, a sentence each. */
  decisions: string[];
}

/**
 * The ways of the expected results' requests at a plan's stage, derived from the objects that it registers; undefined
 * at the stages without requests.
 */
export function requestPaths(plan: Plan): RequestPaths | undefined {
  const mesh = meshOf(plan);
  const asked = expectationsAt(plan.stage).flatMap((row) => (row.check === "request" ? [row] : []));
  if (asked.length === 0) return undefined;
  const requests = asked
    .map(({ id, client, way, method }) => {
      const byGateway = way === "gateway";
      return requestOf(mesh, { id, client, method, byGateway, service: "productpage" });
    })
    .sort((a, b) => Number(isDirect(a)) - Number(isDirect(b)));
  const productpage = { client: "productpage", method: "GET", byGateway: false };
  requests.push(requestOf(mesh, { id: "reviews", ...productpage, service: "reviews" }));
  const services = ["productpage", "reviews"];
  const decisions = services.flatMap((service) => refusals(mesh, service));
  return {
    stage: plan.stage,
    ambient: mesh.ambient,
    requests,
    services: services.map((name) => ({ name, versions: mesh.versionsOf(name) })),
    decisions: [...(decisions.length > 0 ? decisions : [everyone(mesh)]), balancing(mesh)],
  };
}

const isDirect = ({ hops }: Request) => hops[0]?.proxy !== "gateway";

interface Asked {
  id: string;
  client: string;
  method: string;
  byGateway: boolean;
  service: string;
}

function requestOf(mesh: Mesh, { id, client, method, byGateway, service }: Asked): Request {
  const waypoint = mesh.waypointOf(service);
  const through = waypoint && (waypoint.ingress || !byGateway) ? waypoint : undefined;
  const account = byGateway
    ? ingress.serviceAccount
    : client === "productpage"
      ? "bookinfo-productpage"
      : client;
  const all: Hop[] = [
    ...(byGateway ? [{ proxy: "gateway" as const, name: "ingress gateway" }] : []),
    ...(mesh.ambient && !byGateway
      ? [{ proxy: "client's ztunnel" as const, name: "ztunnel" }]
      : []),
    ...(mesh.ambient && through
      ? [judged({ proxy: "waypoint", name: through.name }, mesh.atWaypoint(service))]
      : []),
    ...(mesh.ambient
      ? [judged({ proxy: "server's ztunnel", name: "ztunnel" }, mesh.atZtunnel(service))]
      : []),
  ];
  const refusing = all.findIndex(({ admits }) => admits === false);
  const hops = refusing < 0 ? all : all.slice(0, refusing + 1);
  const answer = refusing < 0 ? "page" : all[refusing]?.proxy === "waypoint" ? "denied" : "reset";
  return { id, client: byGateway ? "browser" : client, method, service, hops, answer };

  /** Behind a waypoint, ztunnel sees the waypoint's account and no method. */
  function judged(hop: Hop, policy: Policy | undefined): Hop {
    if (!policy) return hop;
    const isWaypoint = hop.proxy === "waypoint";
    const seen = !isWaypoint && through ? through.name : account;
    const admits = policy.admits.some(
      ({ accounts, methods }) =>
        accounts.includes(seen) && (!methods || (isWaypoint && methods.includes(method))),
    );
    return { ...hop, admits };
  }
}

const everyone = ({ ambient }: Mesh) =>
  ambient
    ? "The ztunnels encrypt and authenticate; without a policy they admit everyone."
    : "No proxy between the Pods: nothing is encrypted, and everyone is admitted.";

function refusals(mesh: Mesh, service: string): string[] {
  const waypoint = mesh.waypointOf(service);
  return [
    [waypoint?.name, mesh.atWaypoint(service)] as const,
    [`${service}’s ztunnel`, mesh.atZtunnel(service)] as const,
  ].flatMap(([proxy, policy]) =>
    proxy && policy
      ? [`${proxy} decides by policy ${policy.name}: admits ${admitted(policy)}.`]
      : [],
  );
}

const admitted = ({ admits }: Policy) =>
  admits
    .map(({ accounts, methods }) => {
      const who = accounts.map((account) =>
        account === ingress.serviceAccount ? "the ingress gateway" : account,
      );
      return `${methods ? `${methods.join(", ")} from ` : ""}${who.join(" and ")}`;
    })
    .join("; ");

function balancing(mesh: Mesh): string {
  const versions = mesh.versionsOf("reviews");
  const route = mesh.routeOf("reviews");
  const waypoint = mesh.waypointOf("reviews");
  if (route && waypoint) {
    const shares = versions.map(({ name, share }) => `${share} % ${name}`).join(", ");
    return `${waypoint.name} splits requests by VirtualService ${route}: ${shares}.`;
  }
  const names = versions.map(({ name }) => name).join(", ");
  const who = waypoint?.name ?? (mesh.ambient ? "productpage’s ztunnel" : "kube-proxy");
  return `${who} spreads requests for reviews over ${names}.`;
}
