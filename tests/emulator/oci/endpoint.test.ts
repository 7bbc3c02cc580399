import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { Cloud } from "../../../emulator/oci/cloud.js";
import { Endpoint } from "../../../emulator/oci/http/endpoint.js";
import { apiKey, compartmentId } from "../../../emulator/oci/tenancy/identity.js";
import type { ClusterBackend } from "../../../emulator/oci/clusters/backend.js";
import { Store } from "../../../emulator/oci/state/store.js";
import { ask } from "../../oci-request.js";

const folder = mkdtempSync(join(tmpdir(), "oci-endpoint-"));
const file = join(folder, "state.json");
const key = apiKey(folder);
const nowhere = new Proxy({} as ClusterBackend, { get: () => async () => undefined });
let endpoint: Endpoint;

interface Item extends Record<string, unknown> {
  id: string;
  code?: string;
  message?: string;
}

async function open(): Promise<void> {
  const cloud = new Cloud(new Store(file), nowhere, folder);
  endpoint = await Endpoint.listen({ cloud, keys: { [key.keyId]: key.publicKey } });
}

const oci = <T = Item>(method: string, path: string, body?: object) =>
  ask<T>(endpoint.url, key, method, `/20160918${path}`, body);

async function create(kind: string, body: object): Promise<Item> {
  const { status, body: item } = await oci("POST", `/${kind}`, { compartmentId, ...body });
  expect({ status, item }).toMatchObject({ status: 200 });
  return item;
}

const rejection = async (method: string, path: string, body?: object) => {
  const { status, body: error } = await oci(method, path, body && { compartmentId, ...body });
  return `${status} ${error.code}: ${error.message}`;
};

beforeAll(open);
afterAll(async () => {
  await endpoint.close();
  rmSync(folder, { recursive: true });
});

describe("authentication", () => {
  const path = `/20160918/vcns?compartmentId=${compartmentId}`;
  const stranger = mkdtempSync(join(tmpdir(), "oci-stranger-"));
  afterAll(() => rmSync(stranger, { recursive: true }));

  test("rejects a request without a signature, with OCI's error", async () => {
    const { status, body } = await ask(endpoint.url, undefined, "GET", path);
    expect(status).toBe(401);
    expect(body).toEqual({
      code: "NotAuthenticated",
      message:
        "The required information to complete authentication was not provided or was incorrect.",
    });
  });

  test("rejects an unknown key, under its own key id and under a known one", async () => {
    const other = apiKey(stranger);
    expect((await ask(endpoint.url, other, "GET", path)).status).toBe(401);
    const forged = { keyId: key.keyId, privateKey: other.privateKey };
    expect((await ask(endpoint.url, forged, "GET", path)).status).toBe(401);
    expect((await ask(endpoint.url, key, "GET", path)).status).toBe(200);
  });

  test("keeps the private key readable only by its owner", () => {
    expect(statSync(key.path).mode & 0o777).toBe(0o600);
  });

  test("rejects a web page that reaches the endpoint by another host name", async () => {
    const status = await new Promise((resolve, reject) => {
      get(`${endpoint.url}/emulator/offers`, { headers: { host: "rebound.example" } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).on("error", reject);
    });
    expect(status).toBe(401);
  });
});

describe("network resources", () => {
  let vcn: Item;
  beforeAll(async () => {
    vcn = await create("vcns", { cidrBlocks: ["10.0.0.0/16"], dnsLabel: "oke" });
  });

  test("a VCN gets the defaults of OCI", async () => {
    expect(vcn).toMatchObject({
      id: expect.stringMatching(/^ocid1\.vcn\.oc1\.eu-frankfurt-1\.[a-z2-7]{60}$/),
      lifecycleState: "AVAILABLE",
      cidrBlock: "10.0.0.0/16",
      vcnDomainName: "oke.oraclevcn.com",
    });
    expect(vcn["freeformTags"]).toEqual({});
    const lists = await oci<Item[]>("GET", `/securityLists?compartmentId=${compartmentId}`);
    expect(lists.body.map(({ id }) => id)).toEqual([vcn["defaultSecurityListId"]]);
    expect((await oci("GET", `/dhcps/${String(vcn["defaultDhcpOptionsId"])}`)).status).toBe(200);
  });

  test("properties are returned as sent, tags and rules included", async () => {
    const ingressSecurityRules = [
      {
        source: "10.0.0.0/16",
        protocol: "6",
        isStateless: false,
        tcpOptions: { destinationPortRange: { min: 80, max: 80 } },
      },
      { source: "0.0.0.0/0", protocol: "1", icmpOptions: { type: 3, code: 4 } },
    ];
    const freeformTags = { team: "mesh" };
    const egressSecurityRules: object[] = [];
    const list = await create("securityLists", {
      vcnId: vcn.id,
      ingressSecurityRules,
      egressSecurityRules,
      freeformTags,
    });
    expect(list).toMatchObject({ ingressSecurityRules, egressSecurityRules, freeformTags });
    const { body: changed } = await oci("PUT", `/securityLists/${list.id}`, {
      ingressSecurityRules: [],
      vcnId: "ocid1.vcn.oc1..other",
    });
    expect(changed).toMatchObject({ ingressSecurityRules: [], vcnId: vcn.id, freeformTags });
    expect((await oci("DELETE", `/securityLists/${list.id}`)).status).toBe(204);
    expect(await rejection("GET", `/securityLists/${list.id}`)).toMatch(
      /^404 NotAuthorizedOrNotFound/,
    );
  });

  test.each([
    ["no VCN", "/subnets", { cidrBlock: "10.0.1.0/24" }, /^400 MissingParameter: .*vcnId/],
    [
      "an invalid range",
      "/vcns",
      { cidrBlocks: ["10.0.0.0/33"] },
      /^400 InvalidParameter: .*10\.0\.0\.0\/33/,
    ],
    [
      "a VCN larger than OCI's",
      "/vcns",
      { cidrBlocks: ["10.0.0.0/8"] },
      /^400 InvalidParameter: .*between \/16/,
    ],
  ])("%s is rejected", async (_, path, body, message) => {
    expect(await rejection("POST", path, body)).toMatch(message);
  });

  test("a subnet must lie within its VCN and overlap no other", async () => {
    const subnet = (cidrBlock: string) =>
      rejection("POST", "/subnets", { vcnId: vcn.id, cidrBlock });
    const first = await create("subnets", { vcnId: vcn.id, cidrBlock: "10.0.1.0/24" });
    expect(first).toMatchObject({ virtualRouterIp: "10.0.1.1", prohibitInternetIngress: false });
    expect(await subnet("10.1.0.0/24")).toMatch(/^400 .*not within the VCN/);
    expect(await subnet("10.0.1.128/25")).toMatch(/^400 .*overlaps with this CIDR/);
    expect(await subnet("10.0.1.1/24")).toMatch(/^400 .*is invalid/);
    await oci("DELETE", `/subnets/${first.id}`);
  });

  test("references must exist, in a compartment that the user can access", async () => {
    const cidrBlock = "10.0.1.0/24";
    const refused = /^404 NotAuthorizedOrNotFound/;
    const lost = { vcnId: "ocid1.vcn.oc1..lost", cidrBlock };
    expect(await rejection("POST", "/subnets", lost)).toMatch(refused);
    const wrongKind = { vcnId: vcn.id, cidrBlock, routeTableId: vcn.id };
    expect(await rejection("POST", "/subnets", wrongKind)).toMatch(refused);
    const elsewhere = {
      compartmentId: "ocid1.compartment.oc1..other",
      cidrBlocks: ["10.0.0.0/16"],
    };
    expect(await rejection("POST", "/vcns", elsewhere)).toMatch(refused);
    expect(await rejection("GET", "/vcns?compartmentId=ocid1.compartment.oc1..other")).toMatch(
      refused,
    );
  });

  test("a resource cannot be deleted while another one references it", async () => {
    const inVcn = { vcnId: vcn.id };
    const gateway = await create("internetGateways", inVcn);
    const table = await create("routeTables", {
      ...inVcn,
      routeRules: [{ destination: "0.0.0.0/0", networkEntityId: gateway.id }],
    });
    const subnet = await create("subnets", {
      ...inVcn,
      cidrBlock: "10.0.2.0/24",
      routeTableId: table.id,
    });
    const order = [
      ["vcns", vcn],
      ["internetGateways", gateway],
      ["routeTables", table],
      ["subnets", subnet],
    ] as const;
    for (const [kind, { id }] of order.slice(0, 3)) {
      expect(await rejection("DELETE", `/${kind}/${id}`)).toMatch(
        /^409 Conflict: The .* references the .*\. You must remove the reference to proceed/,
      );
    }
    const ownTable = `/routeTables/${String(vcn["defaultRouteTableId"])}`;
    expect(await rejection("DELETE", ownTable)).toMatch(/^409/);
    const kinds = ["subnets", "routeTables", "internetGateways", "vcns"] as const;
    for (const kind of kinds) {
      const { id = "" } = order.find(([name]) => name === kind)?.[1] ?? {};
      expect((await oci("DELETE", `/${kind}/${id}`)).status).toBe(204);
    }
    const rest = await oci<Item[]>("GET", `/routeTables?compartmentId=${compartmentId}`);
    expect(rest.body).toEqual([]);
  });
});

describe("the endpoint", () => {
  test("lists availability domains and services in no particular order", async () => {
    const domains = await oci<Item[]>("GET", `/availabilityDomains?compartmentId=${compartmentId}`);
    const names = domains.body.map(({ name }) => name);
    expect(names).toHaveLength(3);
    expect(names).not.toEqual([...names].sort());
    const services = await oci<Item[]>("GET", "/services");
    expect(services.body[0]?.["name"]).not.toMatch(/^All /);
    expect(services.body.some(({ name }) => /^All .* Services Network$/.test(String(name)))).toBe(
      true,
    );
  });

  test("applies an injected fault to matching requests, as often as configured", async () => {
    const fault = {
      method: "POST",
      path: "/vcns$",
      status: 429,
      code: "TooManyRequests",
      times: 2,
    };
    const injected = await ask(endpoint.url, undefined, "POST", "/emulator/faults", fault);
    expect(injected.status).toBe(204);
    const vcn = { cidrBlocks: ["10.0.0.0/16"] };
    expect(await rejection("GET", `/vcns?compartmentId=${compartmentId}`)).toMatch(/^200/);
    expect(await rejection("POST", "/vcns", vcn)).toMatch(/^429 TooManyRequests/);
    expect(await rejection("POST", "/vcns", vcn)).toMatch(/^429 TooManyRequests/);
    await create("vcns", vcn);
  });

  test("answers 404 for a path that it does not know", async () => {
    expect(await rejection("GET", "/dbSystems")).toMatch(/^404/);
    const broken = await fetch(`${endpoint.url}/emulator/nothing`);
    expect(broken.status).toBe(404);
  });

  test("keeps its state in a file that the next process continues with", async () => {
    const before = await oci<Item[]>("GET", `/vcns?compartmentId=${compartmentId}`);
    expect(before.body).toHaveLength(1);
    await endpoint.close();
    await open();
    const after = await oci<Item[]>("GET", `/vcns?compartmentId=${compartmentId}`);
    expect(after.body).toEqual(before.body);
    expect(readdirSync(folder).sort()).toEqual(["config", "key.pem", "state.json"]);
  });
});
