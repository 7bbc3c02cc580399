import { dataPlaneStatus, type LoadBalancerStatus } from "../../emulator/dataplane/status.js";
import { stateDir } from "../paths.js";
import { readCheckpoint } from "../stacks/checkpoint.js";
import { backendFiles } from "../stacks/sandbox-backend.js";

/** Where a sandbox's load balancers listen; empty if its data plane does not run. */
export const loadBalancers = (name: string): LoadBalancerStatus[] =>
  dataPlaneStatus(stateDir(name)).loadBalancers;

/** Whether the stack has deployed Kiali, whose page the sandbox cannot serve. */
export function hasKiali(name: string): boolean {
  const resources = readCheckpoint(backendFiles(name).state)?.resources ?? [];
  return resources.some(
    ({ type, id }) => type === "kubernetes:apps/v1:Deployment" && id?.endsWith("/kiali"),
  );
}

/** The URL that opens the page: on another port where the load balancer could not listen on its own. */
export function pageUrl(url: unknown, balancers: LoadBalancerStatus[]): string | undefined {
  if (typeof url !== "string" || !URL.canParse(url)) return undefined;
  const { hostname, port, pathname } = new URL(url);
  const found = balancers.find(({ address }) => address === `${hostname}:${port || 80}`);
  const moved = found?.listening && found.listening !== found.address;
  return moved ? `http://${found.listening}${pathname}` : url;
}

/** What keeps the page's URL from opening, and what to do about it; empty if nothing does. */
export function pageHints(
  url: unknown,
  balancers: LoadBalancerStatus[],
  platform: NodeJS.Platform = process.platform,
): string[] {
  if (typeof url !== "string" || !URL.canParse(url)) return [];
  const { hostname, port, pathname } = new URL(url);
  const address = `${hostname}:${port || 80}`;
  const found = balancers.find((balancer) => balancer.address === address);
  if (!found || found.listening === address) return [];
  const { listening, problem = "nothing listens there" } = found;
  const text = listening
    ? `Only root can use port ${port || 80} on this machine. Open http://${listening}${pathname} instead.`
    : `The page does not open: ${problem}`;
  return [text, ...remedies(problem, hostname, platform)];
}

function remedies(problem: string, hostname: string, platform: NodeJS.Platform): string[] {
  if (platform === "linux" && problem.includes("permission denied")) {
    return ["To allow port 80: sudo sysctl net.ipv4.ip_unprivileged_port_start=80"];
  }
  // macOS configures no loopback address other than 127.0.0.1.
  if (platform === "darwin" && problem.includes("assign requested address")) {
    return [`To add its address: sudo ifconfig lo0 alias ${hostname}`];
  }
  return [];
}
