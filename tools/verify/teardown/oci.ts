import { OciError, request } from "../../../components/oke/oci/rest.js";
import type { Caller } from "../../../components/oke/oci/rest.js";
import { stackTag } from "../../../components/oke/oci/tags.js";
import type { Inventory, Leftover } from "./leftovers.js";
import { ociKinds } from "./oci-kinds.js";
import type { OciKind, OciObject } from "./oci-kinds.js";

/** States of an object that is deleted but still listed, and of one that is being deleted. */
const gone = ["DELETED", "TERMINATED"];
const going = ["DELETING", "TERMINATING"];

/** Lists OCI objects; tests simulate it. */
export type List = (service: OciKind["service"], path: string) => Promise<OciObject[]>;

/** {@link List} by signed requests. */
export function listWith(caller: Caller): List {
  return async (service, path) =>
    (await request<OciObject[]>(caller, "GET", service, `${path}&limit=1000`)) ?? [];
}

/**
 * Objects that have the stack's tag in its compartment, are in its networks, or belong to its clusters.
 * Never throws: what cannot be checked is in `unchecked`.
 */
export async function ociInventory(
  list: List,
  { compartmentId, stack }: { compartmentId: string; stack: string },
): Promise<Inventory> {
  const unasked = new Map<string, Set<string>>();
  const ask = async (kind: string, service: OciKind["service"], path: string) => {
    try {
      const objects = await list(service, path);
      return objects.filter(({ lifecycleState = "" }) => !gone.includes(lifecycleState));
    } catch (error) {
      const why = reason(error);
      unasked.set(why, (unasked.get(why) ?? new Set()).add(`${kind}s`));
      return [];
    }
  };
  const compartment = `?compartmentId=${encodeURIComponent(compartmentId)}`;
  const lists = await Promise.all(
    ociKinds.map(async (kind) => {
      const objects = await ask(kind.kind, kind.service, `${kind.path}${compartment}`);
      return { kind, objects };
    }),
  );

  const tagged = ({ freeformTags }: OciObject) => freeformTags?.[stackTag] === stack;
  const objectsOf = (name: string) => lists.find(({ kind }) => kind.kind === name)?.objects ?? [];
  const vcns = objectsOf("VCN").filter(tagged);
  const inVcn = (object: OciObject) => vcns.find(({ id }) => id === object.vcnId);
  const subnets = objectsOf("subnet").filter((object) => tagged(object) || inVcn(object));
  const clusters = objectsOf("cluster").filter((object) => tagged(object) || inVcn(object));
  const defaults = vcns.flatMap((vcn) => [vcn.defaultRouteTableId, vcn.defaultSecurityListId]);

  const why = (object: OciObject): string | undefined => {
    if (tagged(object)) return `has the tag ${stackTag}=${stack}`;
    const places = [...(object.subnetIds ?? []), object.subnetId];
    const subnet = subnets.find(({ id }) => places.includes(id));
    if (subnet) return `is in subnet ${nameOf(subnet)}`;
    const vcn = inVcn(object);
    if (vcn) return `is in VCN ${nameOf(vcn)}`;
    const cluster = clusters.find(({ id }) => id === object.clusterId);
    return cluster && `belongs to cluster ${nameOf(cluster)}`;
  };
  // A load balancer's VNIC has its name and is deleted with it.
  const balancers = objectsOf("load balancer");
  const ofBalancer = (address: OciObject) =>
    balancers.some(
      ({ id, ipAddresses = [] }) =>
        address.displayName?.includes(id) ||
        ipAddresses.some(({ ipAddress }) => ipAddress === address.ipAddress),
    );
  const vnicsIn = async (subnet: OciObject): Promise<Leftover[]> => {
    const path = `/privateIps?subnetId=${encodeURIComponent(subnet.id)}`;
    const addresses = await ask("VNIC", "network", path);
    return Promise.all(
      addresses
        .filter((address) => !ofBalancer(address))
        .map(async (address) => {
          const vnic = encodeURIComponent(address.vnicId ?? "");
          const attached = `/vnicAttachments${compartment}&vnicId=${vnic}`;
          const [attachment] = address.vnicId ? await ask("VNIC", "network", attached) : [];
          return vnicLeftover(address, subnet, attachment?.instanceId);
        }),
    );
  };
  const addresses = await Promise.all(subnets.map(vnicsIn));
  const leftovers = lists.flatMap(({ kind, objects }) => [
    // A subnet's VNICs must be removed before the subnet.
    ...(kind.kind === "subnet" ? addresses.flat() : []),
    ...objects
      .filter(({ id }) => !defaults.includes(id))
      .flatMap((object) => leftover(kind, object, why(object))),
  ]);
  const unchecked = [...unasked].map(([why, kinds]) => `${[...kinds].join(", ")}: ${why}`);
  return { leftovers, unchecked };
}

function leftover(kind: OciKind, object: OciObject, why: string | undefined): Leftover[] {
  if (!why) return [];
  return [
    {
      kind: kind.kind,
      name: nameOf(object),
      why,
      remove: kind.remove(object.id),
      going: going.includes(object.lifecycleState ?? ""),
    },
  ];
}

/** An address in a subnet; its VNIC is deleted with the instance that it is attached to. */
function vnicLeftover(address: OciObject, subnet: OciObject, instanceId?: string): Leftover {
  return {
    kind: "VNIC",
    name: address.displayName ?? address.ipAddress ?? address.id,
    why: `is in subnet ${nameOf(subnet)}`,
    remove: instanceId
      ? `oci compute instance terminate --instance-id ${instanceId} --force`
      : `oci network private-ip delete --private-ip-id ${address.id} --force`,
  };
}

const nameOf = ({ displayName, name, id }: OciObject) => displayName ?? name ?? id;

function reason(error: unknown): string {
  if (error instanceof OciError && error.status === 404) {
    return `${error.message} (also OCI's answer if a policy lacks "inspect" on it)`;
  }
  // `fetch` puts the reason into `cause`.
  const { message, cause } = error as { message?: string; cause?: { message?: string } };
  return [message ?? String(error), cause?.message].filter(Boolean).join(": ");
}
