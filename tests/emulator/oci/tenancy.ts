import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, beforeEach } from "@jest/globals";

import { Cloud } from "../../../emulator/oci/cloud.js";
import { Endpoint } from "../../../emulator/oci/http/endpoint.js";
import {
  apiKey,
  availabilityDomains,
  compartmentId,
} from "../../../emulator/oci/tenancy/identity.js";
import type { ClusterBackend, Worker } from "../../../emulator/oci/clusters/backend.js";
import { imageId } from "../../../emulator/oci/clusters/offers.js";
import { Store } from "../../../emulator/oci/state/store.js";
import { ask } from "../../oci-request.js";

/** An OCI endpoint with a network, and the requests for a cluster and a node pool in it. */

export const folder = mkdtempSync(join(tmpdir(), "oci-clusters-"));
const file = join(folder, "state.json");
export const key = apiKey(folder);
export const running = new Set<string>();
export const workers = new Map<string, Worker>();
export const backend: ClusterBackend = {
  startCluster: async ({ clusterId }) => {
    running.add(clusterId);
    return { server: "https://127.0.0.1:6443", caPem: "CA" };
  },
  stopCluster: async (clusterId) => void running.delete(clusterId),
  addNode: async (worker) => void workers.set(worker.name, worker),
  removeNode: async (name) => void workers.delete(name),
};
export let cloud: Cloud;
export let endpoint: Endpoint;
export let subnets: string[];
export let cluster: Record<string, unknown>;
export let pool: Record<string, unknown>;

export interface Item extends Record<string, unknown> {
  id: string;
  lifecycleState: string;
}
export interface WorkRequest {
  status: string;
  resources: { identifier: string; actionType: string; entityType: string }[];
}

export async function open(): Promise<void> {
  cloud = new Cloud(new Store(file), backend, folder);
  endpoint = await Endpoint.listen({ cloud, keys: { [key.keyId]: key.publicKey } });
}
export const oci = <T = Item>(method: string, path: string, body?: object) =>
  ask<T>(endpoint.url, key, method, path, body);
export const ce = <T = Item>(method: string, path: string, body?: object) =>
  oci<T>(method, `/20180222${path}`, body);

/** Sends a request that starts a work request, and waits for its end. */
export async function work(method: string, path: string, body?: object) {
  const { status, workRequestId, text } = await ce(method, path, body);
  if (status !== 202) return { status, text, id: "", request: undefined };
  for (;;) {
    const { body: request } = await ce<WorkRequest>("GET", `/workRequests/${workRequestId}`);
    const id = request.resources[0]?.identifier ?? "";
    if (request.status !== "IN_PROGRESS") return { status, text, id, request, workRequestId };
    await sleep(5);
  }
}

beforeAll(async () => {
  await open();
  const create = async (kind: string, body: object) =>
    (await oci("POST", `/20160918/${kind}`, { compartmentId, ...body })).body.id;
  const vcnId = await create("vcns", { cidrBlocks: ["10.0.0.0/16"] });
  subnets = await Promise.all(
    ["10.0.0.0/28", "10.0.1.0/24", "10.0.2.0/24"].map((cidrBlock) =>
      create("subnets", { vcnId, cidrBlock }),
    ),
  );
  const [api, worker, balancer] = subnets;
  cluster = {
    compartmentId,
    name: "mesh",
    vcnId,
    kubernetesVersion: "v1.35.2",
    endpointConfig: { subnetId: api, isPublicIpEnabled: true },
    options: { serviceLbSubnetIds: [balancer] },
    freeformTags: { team: "mesh" },
  };
  pool = {
    compartmentId,
    name: "workers",
    kubernetesVersion: "v1.35.2",
    nodeShape: "VM.Standard.E4.Flex",
    nodeShapeConfig: { ocpus: 2, memoryInGBs: 16 },
    nodeSourceDetails: {
      sourceType: "IMAGE",
      imageId: imageId("Oracle-Linux-9.7-2026.06.15-0-OKE-1.35.2-1505"),
    },
    nodeConfigDetails: {
      size: 2,
      placementConfigs: availabilityDomains.map((availabilityDomain) => ({
        availabilityDomain,
        subnetId: worker,
      })),
    },
  };
});
afterAll(async () => {
  await endpoint.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  cloud.faults.clear();
  await ask(endpoint.url, undefined, "DELETE", "/emulator/offers");
});

/** Creates a cluster and returns its OCID. */
export const made = async () => (await work("POST", "/clusters", cluster)).id;
export const gone = (id: string) => work("DELETE", `/clusters/${id}`);
