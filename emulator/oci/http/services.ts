import { notFound } from "../state/errors.js";
import {
  availabilityDomains,
  compartmentId,
  mayUse,
  tenancyId,
  userId,
} from "../tenancy/identity.js";
import { services } from "../network/kinds.js";
import { accepted, type Handler, inCompartment, ok } from "./route.js";

/** https://docs.oracle.com/en-us/iaas/api/#/en/loadbalancer/20170115/ */
export const loadBalancer: Record<string, Handler> = {
  "GET /20170115/loadBalancers": (cloud, { query }) => ok(cloud.loadBalancers.list(query)),
  "POST /20170115/loadBalancers": (cloud, { body }) =>
    accepted(cloud.loadBalancers.create(body).request),
  "GET /20170115/loadBalancers/:id": (cloud, { params: [id = ""] }) =>
    ok(cloud.loadBalancers.get(id)),
  "DELETE /20170115/loadBalancers/:id": (cloud, { params: [id = ""] }) => ({
    status: 204,
    workRequest: cloud.loadBalancers.delete(id),
  }),
  "GET /20170115/loadBalancerWorkRequests/:id": (cloud, { params: [id = ""] }) => {
    const { status, resources, operationType, timeAccepted, errors } = cloud.workRequests.get(id);
    return ok({
      id,
      type: operationType,
      lifecycleState: status,
      loadBalancerId: resources[0]?.identifier,
      timeAccepted,
      message: "",
      errorDetails: errors.map(({ code, message }) => ({ errorCode: code, message })),
    });
  },
};

/** https://docs.oracle.com/en-us/iaas/api/#/en/identity/20160918/ */
export const identity: Record<string, Handler> = {
  "GET /20160918/availabilityDomains": (_, call) => {
    inCompartment(call);
    // Unsorted: OCI documents no order.
    const names = [...availabilityDomains].reverse();
    return ok(
      names.map((name) => ({
        name,
        compartmentId: tenancyId,
        id: `ocid1.availabilitydomain.${name}`,
      })),
    );
  },
  "GET /20160918/services": () => ok(services),
  "GET /20160918/tenancies/:id": (_, { params: [id] }) => {
    if (id !== tenancyId) throw notFound();
    return ok({ id, name: "sandbox", homeRegionKey: "FRA" });
  },
  "GET /20160918/tenancies/:id/regionSubscriptions": (_, { params: [id] }) => {
    if (id !== tenancyId) throw notFound();
    const name = { regionKey: "FRA", regionName: "eu-frankfurt-1" };
    return ok([{ ...name, status: "READY", isHomeRegion: true }]);
  },
  "GET /20160918/compartments/:id": (_, { params: [id] }) => {
    if (!mayUse(id)) throw notFound();
    const name = id === tenancyId ? "sandbox (root)" : "sandbox";
    return ok({ id, name, compartmentId: tenancyId, lifecycleState: "ACTIVE" });
  },
  "GET /20160918/compartments": () =>
    ok([
      { id: compartmentId, name: "sandbox", compartmentId: tenancyId, lifecycleState: "ACTIVE" },
    ]),
  "GET /20160918/users/:id": (_, { params: [id] }) => {
    if (id !== userId) throw notFound();
    return ok({ id, name: "sandbox", compartmentId: tenancyId, lifecycleState: "ACTIVE" });
  },
};

/** Lists derived from VNICs. */
export const network: Record<string, Handler> = {
  "GET /20160918/privateIps": (cloud, { query }) =>
    ok(
      cloud.resources.list("vnic", query).map((vnic) => ({
        ...vnic,
        id: vnic.id.replace("ocid1.vnic", "ocid1.privateip"),
        ipAddress: vnic["privateIp"],
        isPrimary: true,
        vnicId: vnic.id,
      })),
    ),
  "GET /20160918/vnicAttachments": (cloud, { query: { vnicId, instanceId, ...query } }) =>
    ok(
      cloud.resources
        .list("vnic", query)
        .filter((vnic) => vnic["instanceId"] !== undefined)
        .filter((vnic) => instanceId === undefined || vnic["instanceId"] === instanceId)
        .map((vnic) => ({
          ...vnic,
          id: vnic.id.replace("ocid1.vnic", "ocid1.vnicattachment"),
          vnicId: vnic.id,
          lifecycleState: "ATTACHED",
        }))
        .filter((attachment) => vnicId === undefined || attachment.vnicId === vnicId),
    ),
};
