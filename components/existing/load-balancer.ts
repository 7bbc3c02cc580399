import { ingress } from "../mesh/names.js";
import type { Settings } from "../settings/settings.js";
import type { Lists } from "./lists.js";

/** A Service of type LoadBalancer, as far as it tells whether one gets an address. */
interface Service {
  status?: { loadBalancer?: { ingress?: object[] } };
}

export interface Node {
  spec?: { providerID?: string };
}

/** CRDs of controllers that give Services an address. */
const controllerCrds =
  /^(ipaddresspools\.metallb\.io|servicegroups\.purelb\.io|eips\.network\.kubesphere\.io|ciliumloadbalancerippools\.cilium\.io)$/;

/** Pods of such controllers, or of a cloud's. */
const controllerPods =
  /cloud-(controller|provider)|ccm|load-?balancer|metallb|kube-vip|svclb|servicelb/;

/** Distributions on a laptop that give addresses without a sign of it in the cluster. */
const laptops = ["docker-desktop", "orbstack"];

/** Services of type LoadBalancer; undefined where they can't be listed, or are of no interest. */
export async function loadBalancerServices(
  lists: Lists,
  { serviceType }: Settings["gateway"],
): Promise<Service[] | undefined> {
  if (serviceType !== "LoadBalancer") return undefined;
  const path = "/api/v1/services?fieldSelector=spec.type%3DLoadBalancer";
  // An older API server does not know the selector.
  return lists.objects<Service>(path).catch(() => undefined);
}

/** What tells whether the cluster has load balancers. */
interface Signs {
  services: Service[] | undefined;
  /** One node, with its name; undefined where there is none, or none can be listed. */
  node: (Node & { metadata: { name: string } }) | undefined;
  /** Names of CRDs. */
  crds: string[];
}

/** Whether nothing shows that the cluster has load balancers, apart from their controllers' Pods. */
export function mayLackLoadBalancers({ services, node, crds }: Signs): boolean {
  if (!services || !node || laptops.includes(node.metadata.name)) return false;
  const { providerID = "kind://" } = node.spec ?? {};
  return (
    providerID.startsWith("kind://") &&
    !services.some(({ status }) => status?.loadBalancer?.ingress?.length) &&
    !crds.some((name) => controllerCrds.test(name))
  );
}

/** Whether such controllers run; true where that can't be known. */
export async function hasLoadBalancerController(lists: Lists): Promise<boolean> {
  try {
    const pods = await lists.metadata("/api/v1/namespaces/kube-system/pods?limit=500");
    return pods.some(({ name }) => controllerPods.test(name));
  } catch {
    return true;
  }
}

export const loadBalancerWarning = `Nothing in the cluster seems to give Services of type LoadBalancer an address: none has one, and there is no cloud's controller, MetalLB, or kube-vip. Service ${ingress.name} is of this type, and an up waits 15 minutes for its address. If nothing outside the cluster gives one either: pulumi config set --path gateway.serviceType NodePort`;
