import { beforeAll, describe, expect, jest, test } from "@jest/globals";

import { Monitor } from "../../../tools/plan/recording/monitor.js";
import { record } from "../../../tools/plan/recording/record.js";
import type { Registration } from "../../../tools/plan/recording/registration.js";
import { clusterConfig as config } from "./cluster-config.js";

let registrations: Registration[];
beforeAll(async () => {
  ({ registrations } = await record(config));
});

const nameOf = (urn: string | undefined) => urn?.split("::").at(-1);
const byName = (name: string) => {
  const found = registrations.find((one) => one.name === name);
  if (!found) throw new Error(`${name} is not registered`);
  return found;
};
/** Everything that must exist before the resource, through parents and dependencies. */
function before(name: string, seen = new Set<string>()): Set<string> {
  const { parent, dependencies } = byName(name);
  for (const urn of [...(parent ? [parent] : []), ...dependencies]) {
    const other = nameOf(urn) ?? "";
    if (seen.has(other) || !registrations.some((one) => one.name === other)) continue;
    seen.add(other);
    before(other, seen);
  }
  return seen;
}
const ofOci = () => registrations.filter(({ type }) => type.startsWith("oci:"));

describe("the part on OKE", () => {
  test("consists of these resources under these components", () => {
    expect(registrations.map(({ name, parent }) => [name, nameOf(parent)]).sort()).toEqual([
      ["cluster", undefined],
      ["cluster-cluster", "cluster"],
      ["kubernetes", undefined],
      ["kubernetes-load-balancer", undefined],
      ["network", undefined],
      ["network-gateways", "network"],
      ["network-gateways-internet", "network-gateways"],
      ["network-gateways-nat", "network-gateways"],
      ["network-gateways-routes-private", "network-gateways"],
      ["network-gateways-routes-public", "network-gateways"],
      ["network-gateways-services", "network-gateways"],
      ["network-load-balancer-sweep", "network"],
      ["network-rules-api", "network"],
      ["network-rules-load-balancers", "network"],
      ["network-rules-workers", "network"],
      ["network-subnet-api", "network"],
      ["network-subnet-load-balancers", "network"],
      ["network-subnet-workers", "network"],
      ["network-vcn", "network"],
      ["nodes", undefined],
      ["nodes-pool", "nodes"],
    ]);
  });

  test("tags everything and names it after the stack", () => {
    for (const { name, inputs } of ofOci()) {
      expect([name, inputs["freeformTags"]]).toEqual([
        name,
        {
          "managed-by": "oke-ambient-mesh",
          "oke-ambient-mesh-stack": expect.any(String),
          ...(name === "nodes-pool" && { "oke-ambient-mesh-workers-for": "v1.36.1" }),
        },
      ]);
      expect(String(inputs["displayName"] ?? inputs["name"])).toMatch(/^oke-ambient-mesh-\w+/);
    }
  });

  test("tags the VCN and the cluster, which a console shows first, with the time of its end", async () => {
    const expiresAt = "2999-01-01T00:00:00Z";
    const { registrations: all, outputs } = await record({ ...config, expiresAt });
    const tagged = all.filter(({ inputs }) => {
      const tags = inputs["freeformTags"] as Record<string, string> | undefined;
      return tags?.["oke-ambient-mesh-expires"] === expiresAt;
    });
    expect(tagged.map(({ name }) => name).sort()).toEqual(["cluster-cluster", "network-vcn"]);
    expect(outputs["expiresAt"]).toBe(expiresAt);
  });

  test.each(["cluster-cluster", "kubernetes"])("creates every rule and route before %s", (name) => {
    const first = before(name);
    for (const other of registrations.filter(({ type }) => /Security|Route|Gateway:/.test(type))) {
      expect(first).toContain(other.name);
    }
  });

  test("makes the cluster itself, not only its component, depend on the sweep", () => {
    expect(byName("cluster-cluster").dependencies.map(nameOf)).toContain(
      "network-load-balancer-sweep",
    );
  });

  test("creates the sweep after the load balancers' subnet and before the cluster", () => {
    expect(before("cluster-cluster")).toContain("network-load-balancer-sweep");
    expect(before("network-load-balancer-sweep")).toContain("network-subnet-load-balancers");
  });

  test("runs no command when the sweep is created", () => {
    const { inputs } = byName("network-load-balancer-sweep");
    expect(Object.keys(inputs).sort()).toEqual(["delete", "environment"]);
  });

  test("upgrades the control plane before the workers", () => {
    expect(before("nodes-pool")).toContain("cluster-cluster");
  });

  test("makes the provider depend on the cluster, not on workers", () => {
    expect(before("kubernetes")).toContain("cluster-cluster");
    expect(before("kubernetes")).not.toContain("nodes-pool");
  });

  test("identifies the provider's cluster by its ID", () => {
    expect(byName("kubernetes").inputs).toMatchObject({
      clusterIdentifier: "<cluster-cluster.id>",
      upsertExistingObjects: "true",
    });
  });

  test("deletes unreachable objects from the state only for the LoadBalancer Service", () => {
    expect(byName("kubernetes").inputs["deleteUnreachable"]).toBeUndefined();
    expect(byName("kubernetes-load-balancer").inputs["deleteUnreachable"]).toBe("true");
  });

  test("opens the API only to the configured ranges", () => {
    const rules = byName("network-rules-api").inputs["ingressSecurityRules"] as {
      source: string;
    }[];
    expect(rules.map(({ source }) => source)).toEqual(expect.arrayContaining(["203.0.113.7/32"]));
    expect(rules.map(({ source }) => source)).not.toContain("0.0.0.0/0");
  });
});

describe("a version and image that the configuration leaves open", () => {
  test("are chosen once and then kept", () => {
    expect(byName("cluster-cluster").ignoreChanges).toEqual(["kubernetesVersion"]);
    expect(byName("nodes-pool").ignoreChanges).toEqual([
      "kubernetesVersion",
      "nodeSourceDetails.imageId",
    ]);
    expect(byName("cluster-cluster").inputs["kubernetesVersion"]).toBe("v1.36.1");
    expect(byName("nodes-pool").inputs["kubernetesVersion"]).toBe("v1.33.1");
  });

  test("are followed once they are configured", async () => {
    const named = await record({ ...config, kubernetesVersion: "v1.34.2", nodes: { os: "8.10" } });
    for (const name of ["cluster-cluster", "nodes-pool"]) {
      const found = named.registrations.find((one) => one.name === name);
      expect(found?.ignoreChanges).toEqual([]);
      expect(found?.inputs["kubernetesVersion"]).toBe("v1.34.2");
    }
  });
});

describe("a change that takes effect only in new workers", () => {
  const pool = async (clusterType: string) => {
    const { registrations: all } = await record({ ...config, clusterType });
    return all.find(({ name }) => name === "nodes-pool");
  };

  test("replaces the pool of a basic cluster, which can't cycle nodes", async () => {
    const found = await pool("basic");
    expect(found?.replaceOnChanges).toEqual([
      "kubernetesVersion",
      "nodeSourceDetails",
      "nodeShape",
      "nodeShapeConfig",
      "nodeMetadata",
    ]);
    expect(found?.inputs["nodePoolCyclingDetails"]).toBeUndefined();
  });

  test("cycles the nodes of an enhanced one in place", async () => {
    const found = await pool("enhanced");
    expect(found?.replaceOnChanges).toEqual([]);
    expect(found?.inputs["nodePoolCyclingDetails"]).toMatchObject({ isNodeCyclingEnabled: true });
  });
});

test("cluster and node pool set deleteBeforeReplace to false explicitly", async () => {
  const asked = jest.spyOn(Monitor.prototype, "registerResource");
  await record(config);
  const requests = asked.mock.calls.map(([request]) => request);
  asked.mockRestore();
  const said = requests
    .filter((request) => request.getDeletebeforereplacedefined())
    .map((request) => [request.getName(), request.getDeletebeforereplace()]);
  expect(said.sort()).toEqual([
    ["cluster-cluster", false],
    ["nodes-pool", false],
  ]);
});
