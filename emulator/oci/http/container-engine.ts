import { notFound } from "../state/errors.js";
import { kubeconfigContent } from "../clusters/kubeconfig.js";
import { clusterOptions, nodePoolOptions, offers } from "../clusters/offers.js";
import { accepted, type Handler, inCompartment, ok } from "./route.js";

/** https://docs.oracle.com/en-us/iaas/api/#/en/containerengine/20180222/ */
export const containerEngine: Record<string, Handler> = {
  "GET /20180222/clusterOptions/:id": (cloud, call) => {
    inCompartment(call);
    return ok(clusterOptions(offers(cloud.store)));
  },
  "GET /20180222/nodePoolOptions/:id": (cloud, call) => {
    inCompartment(call);
    return ok(nodePoolOptions(offers(cloud.store), call.query));
  },
  "GET /20180222/clusters": (cloud, { query }) =>
    ok(cloud.resources.list("cluster", query).map(({ id }) => cloud.clusters.get(id))),
  "POST /20180222/clusters": (cloud, { body }) => accepted(cloud.clusters.create(body)),
  "GET /20180222/clusters/:id": (cloud, { params: [id = ""] }) => ok(cloud.clusters.get(id)),
  "PUT /20180222/clusters/:id": (cloud, { params: [id = ""], body }) =>
    accepted(cloud.clusters.update(id, body)),
  "DELETE /20180222/clusters/:id": (cloud, { params: [id = ""] }) =>
    accepted(cloud.clusters.delete(id)),
  "POST /20180222/clusters/:id/kubeconfig/content": (cloud, { params: [id = ""], body }) => {
    const { lifecycleState, endpoints } = cloud.clusters.get(id);
    if (lifecycleState === "DELETED" || !endpoints) throw notFound();
    const { publicEndpoint, privateEndpoint } = endpoints as Record<string, string>;
    const at = body["endpoint"] === "PRIVATE_ENDPOINT" ? privateEndpoint : publicEndpoint;
    const text = kubeconfigContent(id, `https://${at}`, cloud.clusters.authority(id));
    return { status: 200, text };
  },
  "GET /20180222/nodePools": (cloud, { query }) =>
    ok(cloud.resources.list("nodepool", query).map(({ id }) => cloud.nodePools.get(id))),
  "POST /20180222/nodePools": (cloud, { body }) => accepted(cloud.nodePools.create(body)),
  "GET /20180222/nodePools/:id": (cloud, { params: [id = ""] }) => ok(cloud.nodePools.get(id)),
  "PUT /20180222/nodePools/:id": (cloud, { params: [id = ""], body }) =>
    accepted(cloud.nodePools.update(id, body)),
  "DELETE /20180222/nodePools/:id": (cloud, { params: [id = ""] }) =>
    accepted(cloud.nodePools.delete(id)),
  "GET /20180222/workRequests": (cloud) => ok(cloud.workRequests.list()),
  "GET /20180222/workRequests/:id": (cloud, { params: [id = ""] }) =>
    ok(cloud.workRequests.get(id)),
  "GET /20180222/workRequests/:id/errors": (cloud, { params: [id = ""] }) =>
    ok(cloud.workRequests.get(id).errors),
  "GET /20180222/workRequests/:id/logs": (cloud, { params: [id = ""] }) =>
    ok(cloud.workRequests.get(id).errors),
};
