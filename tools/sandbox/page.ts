import { dataPlaneStatus, type LoadBalancerStatus } from "../../emulator/dataplane/status.js";
import { stateDir } from "../paths.js";

/** Where a sandbox's load balancers listen, as its data plane says; none where that does not run. */
export const loadBalancers = (name: string): LoadBalancerStatus[] =>
  dataPlaneStatus(stateDir(name)).loadBalancers;

/** What there is to know before the page is opened, and what to do about it; nothing where its URL opens. */
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
  const said = listening
    ? `Port ${port || 80} is root's alone here: open http://${listening}${pathname}`
    : `The page does not open: ${problem}`;
  return [said, ...remedies(problem, hostname, platform)];
}

function remedies(problem: string, hostname: string, platform: NodeJS.Platform): string[] {
  if (platform === "linux" && problem.includes("permission denied")) {
    return ["To have port 80: sudo sysctl net.ipv4.ip_unprivileged_port_start=80"];
  }
  // macOS has no loopback address but 127.0.0.1 of itself.
  if (platform === "darwin" && problem.includes("assign requested address")) {
    return [`To have its address: sudo ifconfig lo0 alias ${hostname}`];
  }
  return [];
}
