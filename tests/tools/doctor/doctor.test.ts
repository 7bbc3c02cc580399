import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";

import { examine } from "../../../tools/doctor/examine.js";
import { needsOf } from "../../../components/oke/limits.js";
import { exitCode, render } from "../../../tools/doctor/render.js";
import type { CheckResult } from "../../../tools/doctor/check-result.js";
import { sourceRows } from "../../../tools/doctor/sources.js";
import { toolRows } from "../../../tools/doctor/tools.js";
import { digestOf } from "../../../components/mesh/gateway-api-bundle.js";
import { pinnedBundles } from "../../../components/mesh/gateway-api-pins.js";
import { parseSettings } from "../../../components/settings/settings.js";
import { charts } from "../../../components/mesh/names.js";
import { Cloud } from "../../../emulator/oci/cloud.js";
import { Endpoint } from "../../../emulator/oci/http/endpoint.js";
import { clientEnvironment } from "../../../emulator/oci/tenancy/environment.js";
import { apiKey, compartmentId } from "../../../emulator/oci/tenancy/identity.js";
import { changeOffers } from "../../../emulator/oci/clusters/offers.js";
import { Store } from "../../../emulator/oci/state/store.js";

const folder = mkdtempSync(join(tmpdir(), "doctor-"));
const chartFolder = join(folder, "charts");
for (const chart of charts) {
  mkdirSync(join(chartFolder, chart), { recursive: true });
  writeFileSync(join(chartFolder, chart, "Chart.yaml"), "");
}
const crds = ["gateways", "gatewayclasses", "tcproutes"].map((resource) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${resource}.gateway.networking.k8s.io` },
  spec: { versions: [{ name: "v1", served: true }] },
}));
const crdFolder = join(folder, "crds");
mkdirSync(crdFolder);
const bundle = join(crdFolder, "crds.yaml");
const fill = (objects: object[]) =>
  writeFileSync(bundle, objects.map((object) => JSON.stringify(object)).join("\n---\n"));
fill(crds);

const tools = { node: "v20.20.2", pulumi: "v3.259.0" };
const store = new Store();
const cloud = new Cloud(
  store,
  {
    startCluster: async () => ({ server: "https://127.0.0.1:6443", caPem: "CA" }),
    stopCluster: async () => undefined,
    addNode: async () => undefined,
    removeNode: async () => undefined,
  },
  folder,
);
let endpoint: Endpoint;
let env: Record<string, string>;
const { XDG_CACHE_HOME } = process.env;
beforeAll(async () => {
  process.env["XDG_CACHE_HOME"] = join(folder, "cache");
  const key = apiKey(folder);
  endpoint = await Endpoint.listen({ cloud, keys: { [key.keyId]: key.publicKey } });
  env = { ...clientEnvironment(endpoint.url, key), HOME: folder };
});
afterAll(async () => {
  if (XDG_CACHE_HOME === undefined) delete process.env["XDG_CACHE_HOME"];
  else process.env["XDG_CACHE_HOME"] = XDG_CACHE_HOME;
  await endpoint.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  cloud.faults.clear();
  changeOffers(store, undefined);
});

const config = (changes: Record<string, unknown> = {}) => ({
  "oke-ambient-mesh:compartmentId": compartmentId,
  "oke-ambient-mesh:network": { apiAllowedCidrs: ["203.0.113.7/32"] },
  "oke-ambient-mesh:mesh": {
    chartRepository: chartFolder,
    gatewayApi: `${bundle}#sha256=${digestOf(crds)}`,
  },
  ...changes,
});
const rows = (changes: Record<string, unknown> = {}, more: Record<string, string> = {}) =>
  examine({ stack: "dev", config: config(changes) }, tools, { ...env, ...more });
const row = (all: CheckResult[], check: string) => {
  const found = all.find((one) => one.check === check);
  if (!found) throw new Error(`no row ${check}: ${all.map((one) => one.check).join(", ")}`);
  return found;
};

describe("a tenancy without problems", () => {
  test("is ok in every row, by signed requests", async () => {
    const all = await rows();
    expect(all.filter(({ state }) => state !== "ok")).toEqual([]);
    expect(all.map(({ check }) => check)).toEqual([
      "Node.js",
      "Pulumi CLI",
      "configuration",
      "identity",
      "region",
      "compartment",
      "limit: OCPUs of VM.Standard.E4.Flex",
      "limit: GB of memory of VM.Standard.E4.Flex",
      "limit: load balancers",
      "limit: VCNs",
      "limit: OKE clusters",
      "shape",
      "versions and image",
      "Istio charts",
      "Gateway API bundle",
    ]);
    expect(row(all, "versions and image").found).toBe(
      "control plane v1.36.1, workers v1.33.1 on Oracle-Linux-7.9-2025.01.31-0-OKE-1.33.1-764",
    );
    expect(exitCode(all)).toBe(0);
  });

  test("is not changed", async () => {
    const before = JSON.stringify(store.all());
    await rows();
    expect(JSON.stringify(store.all())).toBe(before);
  });
});

describe("a time of expiry", () => {
  const expiry = async (expiresAt: string) =>
    row(await rows({ "oke-ambient-mesh:expiresAt": expiresAt }), "expiry");

  test("is ok while it is ahead, and says how long is left", async () => {
    const ahead = new Date(Date.now() + 150.5 * 60_000).toISOString();
    expect(await expiry(ahead)).toMatchObject({
      ...{ state: "ok", found: `expires in 2 h 30 min (${ahead})` },
    });
  });

  test("is a warning when it is over", async () => {
    expect(await expiry("2020-01-01T00:00:00Z")).toMatchObject({
      state: "warning",
      found: expect.stringMatching(/^expired \d+ d .*ago/),
      remedy: "Extend it with: npm run expire -- --in 8h",
    });
  });
});

describe("a problem", () => {
  test("is every mistake in the configuration", async () => {
    const all = await rows({
      "oke-ambient-mesh:stage": "l5",
      "oke-ambient-mesh:nodes": { os: 8.1 },
    });
    expect(row(all, "configuration")).toMatchObject({
      state: "problem",
      remedy: expect.stringMatching(/nodes\.os = 8\.1.*\nstage = "l5"/),
    });
    expect(exitCode(all)).toBe(1);
  });

  test("is a private key in Pulumi's configuration, plain or encrypted", async () => {
    for (const privateKey of ["s3cret", { secure: "v1:abc" }]) {
      const found = row(await rows({ "oci:privateKey": privateKey }), "identity");
      expect(found.remedy).toContain("pulumi config rm oci:privateKey");
      expect(JSON.stringify(found)).not.toContain("s3cret");
    }
  });

  test("is an identity's setting that is still encrypted", async () => {
    const secure = { secure: "v1:abc" };
    const all = await rows({ "oci:region": secure, "oci:tenancyOcid": secure });
    expect(row(all, "identity")).toMatchObject({
      state: "problem",
      found: expect.stringMatching(
        /^oci:region and oci:tenancyOcid are encrypted and can't be opened: set PULUMI_CONFIG_PASSPHRASE/,
      ),
    });
    expect(all.some(({ check }) => check === "region")).toBe(false);
  });

  test("is a missing identity", async () => {
    const none = { stack: "dev", config: config() };
    const found = row(await examine(none, tools, { OCI_CONFIG_FILE: "/gone" }), "identity");
    expect(found).toMatchObject({ state: "problem", remedy: expect.stringContaining("TF_VAR_") });
  });

  test("is a key that OCI does not know", async () => {
    const other = apiKey(join(folder, "other"));
    const unknown = {
      TF_VAR_fingerprint: other.fingerprint,
      TF_VAR_private_key_path: other.path,
    };
    const found = row(await rows({}, unknown), "region");
    expect(found).toMatchObject({ state: "problem", remedy: expect.stringMatching(/fingerprint/) });
  });

  test("is an identity although the configuration is incomplete", async () => {
    const changes = { "oke-ambient-mesh:network": {} };
    expect((await rows(changes)).slice(2).map(({ check, state }) => [check, state])).toEqual([
      ["configuration", "problem"],
      ["identity", "ok"],
      ["region", "ok"],
      ["compartment", "ok"],
    ]);
    const all = await rows({ "oke-ambient-mesh:compartmentId": "x" }, { TF_VAR_region: "moon-1" });
    expect(all.slice(2).map(({ check }) => check)).toEqual(["configuration", "identity", "region"]);
  });

  test("is a region whose host does not exist, with the nearest known one", async () => {
    // Without the override, the host is Oracle's; none of this name resolves.
    const all = await rows({}, { TF_VAR_region: "eu-frankfrut-1", CLIENT_HOST_OVERRIDES: "" });
    expect(row(all, "region")).toMatchObject({
      state: "problem",
      found: "there is no region eu-frankfrut-1; did you mean eu-frankfurt-1?",
      remedy: expect.stringContaining("pulumi config set oci:region eu-frankfurt-1"),
    });
    expect(all.some(({ check }) => check === "compartment")).toBe(false);
  });

  test("is a region without a subscription", async () => {
    const found = row(await rows({ "oci:region": "us-phoenix-1" }), "region");
    expect(found).toMatchObject({
      state: "problem",
      found: "us-phoenix-1 is not subscribed; subscribed: eu-frankfurt-1",
      remedy: "pulumi config set oci:region eu-frankfurt-1",
    });
  });

  test("is a compartment that cannot be read", async () => {
    const other = "ocid1.compartment.oc1..other";
    const found = row(await rows({ "oke-ambient-mesh:compartmentId": other }), "compartment");
    expect(found.remedy).toBe("Allow group <group> to inspect compartments in tenancy");
  });

  test("is a limit that is used up", async () => {
    const nodes = { ocpus: 60, memoryGb: 900, count: 3 };
    const all = await rows({ "oke-ambient-mesh:nodes": nodes });
    expect(row(all, "limit: OCPUs of VM.Standard.E4.Flex")).toMatchObject({
      state: "problem",
      found: "150 left, 180 needed (compute: standard-e4-core-count)",
    });
    expect(row(all, "limit: GB of memory of VM.Standard.E4.Flex")).toMatchObject({
      state: "problem",
      found: "150 left, 2700 needed (compute: standard-e4-memory-count)",
    });
  });

  test("is not a limit of a shape that is not known here; that one is not checked", async () => {
    const nodes = { shape: "VM.Standard.E9.Flex", ocpus: 2, count: 3 };
    const all = await rows({ "oke-ambient-mesh:nodes": nodes });
    expect(row(all, "limit: VM.Standard.E9.Flex")).toMatchObject({
      state: "not checked",
      found: expect.stringContaining("3 workers of 2 OCPUs and 16 GB needed"),
    });
  });

  test("is not a limit that cannot be read; that one is not checked", async () => {
    const fault = { status: 500, code: "InternalError", times: 3 };
    cloud.faults.inject({ ...fault, path: "standard-e4-core-count" });
    const states = (await rows()).map(({ state }) => state);
    expect(states.filter((state) => state === "not checked")).toHaveLength(1);
  });

  test("is an offer without the Oracle Linux release", async () => {
    changeOffers(store, { images: ["Oracle-Linux-8.10-2026.06.15-0-OKE-1.36.1-1505"] });
    const found = row(await rows(), "versions and image");
    expect(found.state).toBe("problem");
    expect(found.remedy).toContain("pulumi config set --path nodes.os 8.10");
  });

  test("is only a warning if there are platform images", async () => {
    changeOffers(store, { images: ["Oracle-Linux-7.9-2026.07.20-0"] });
    const all = await rows();
    expect(row(all, "versions and image").state).toBe("warning");
    expect(exitCode(all)).toBe(0);
  });

  test("is a shape that is not offered", async () => {
    changeOffers(store, { shapes: ["VM.Standard.E5.Flex"] });
    expect(row(await rows(), "shape").remedy).toContain("nodes.shape VM.Standard.E5.Flex");
  });

  test("is a missing permission for Container Engine", async () => {
    cloud.faults.inject({ path: "clusterOptions", status: 404, code: "NotAuthorizedOrNotFound" });
    expect(row(await rows(), "versions and image").remedy).toContain("cluster-family");
  });

  test("is an existing cluster that does not answer", async () => {
    const kubeconfig = `apiVersion: v1
kind: Config
current-context: one
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: one, context: {cluster: c, user: u}}]
`;
    const all = await rows({
      "oke-ambient-mesh:cluster": "existing",
      "oke-ambient-mesh:existing": { kubeconfig },
    });
    expect(row(all, "cluster").remedy).toContain(
      "kubectl --kubeconfig <(pulumi config get --path existing.kubeconfig) --context one version",
    );
    expect(all.some(({ check }) => check === "identity")).toBe(false);
  });
});

describe("an encrypted value", () => {
  const examined = (secretKeys: string[], changes: Record<string, unknown> = {}) =>
    examine({ stack: "dev", config: config(changes), secretKeys }, tools, env);

  test("is in no row", async () => {
    expect(row(await examined([]), "Istio charts").found).toBe(chartFolder);
    const all = await examined(["oke-ambient-mesh:mesh"]);
    expect(row(all, "Istio charts").found).toBe("[secret]");
    expect(JSON.stringify(all)).not.toContain(chartFolder);
  });

  test("of a field is named by the stack's file", async () => {
    const values = config({ "oke-ambient-mesh:nodes": { os: "8.10", count: 3 } });
    const nodes = { os: "8.10", count: { secure: "v1:abc" } };
    const all = await examine(
      {
        stack: "dev",
        config: values,
        secretKeys: ["oke-ambient-mesh:nodes"],
        file: { config: { "oke-ambient-mesh:nodes": nodes } },
      },
      tools,
      env,
    );
    const { remedy } = row(all, "configuration");
    expect(remedy).toContain('nodes.count = "[secret]": expected plain text');
    expect(remedy).toContain("pulumi config set --plaintext --path nodes.count <value>");
    expect(remedy).not.toContain("nodes.os");
  });

  test("that a deployment would show is a problem", async () => {
    const all = await examined(["oke-ambient-mesh:namespace"], {
      "oke-ambient-mesh:namespace": "hidden",
    });
    expect(row(all, "configuration").remedy).toContain(
      "pulumi config set --plaintext namespace <value>",
    );
    expect(JSON.stringify(all)).not.toContain("hidden");
  });
});

describe("limits", () => {
  const of = (raw: Record<string, unknown>) =>
    needsOf(parseSettings({ ...raw, compartmentId, network: { apiAllowedCidrs: ["10.0.0.0/8"] } }));

  test("are those of the stack's resources", () => {
    expect(of({ nodes: { shape: "VM.Standard.E3.Flex", count: 3 } })[0]).toMatchObject({
      limit: "standard-e3-core-ad-count",
      count: 6,
    });
    const names = of({
      nodes: { shape: "VM.Standard.E9.Flex" },
      gateway: { serviceType: "NodePort" },
    });
    expect(names.map(({ limit }) => limit)).toEqual(["vcn-count", "cluster-count"]);
  });
});

describe("tools", () => {
  test("too old or missing", () => {
    expect(toolRows({ node: "v18.20.0" }).map(({ state }) => state)).toEqual([
      "problem",
      "problem",
    ]);
  });
});

describe("sources of charts and bundle", () => {
  const settings = (mesh: Record<string, unknown>) =>
    parseSettings({ cluster: "existing", mesh: { gatewayApi: "existing", ...mesh } });
  const answering = (status: number, text = "") =>
    (async () => new Response(text, { status })) as unknown as typeof fetch;
  const first = async (mesh: Record<string, unknown>, load: typeof fetch) =>
    (await sourceRows(settings(mesh), load))[0];

  test("a repository lists the version", async () => {
    const load = answering(200, "entries:\n  base:\n  - version: 1.31.1\n");
    expect(await first({}, load)).toMatchObject({ state: "ok" });
    expect(await first({ version: "1.31.9" }, load)).toMatchObject({ state: "problem" });
  });

  test("a registry answers, with or without a token", async () => {
    const mesh = { chartRepository: "oci://registry.istio.io/release/charts" };
    expect(await first(mesh, answering(401))).toMatchObject({ state: "ok" });
    expect(await first(mesh, answering(500))).toMatchObject({ state: "problem" });
  });

  test("a folder lacks a chart", async () => {
    expect(await first({ chartRepository: folder }, fetch)).toMatchObject({
      state: "problem",
      found: expect.stringContaining("lacks base, istiod, cni, ztunnel, gateway"),
    });
  });

  test("a missing bundle: use a pinned one", async () => {
    const gatewayApi = `https://crds.example/gone.yaml#sha256=${"0".repeat(64)}`;
    const [, bundleRow] = await sourceRows(settings({ gatewayApi }), answering(404));
    expect(bundleRow).toMatchObject({
      state: "problem",
      found: "https://crds.example/gone.yaml answers 404",
      remedy: `pulumi config set --path mesh.gatewayApi ${Object.keys(pinnedBundles).join(" or ")}`,
    });
  });

  describe("a copy of the Gateway API", () => {
    const digest = "0".repeat(64);
    const ofCopy = async (objects: object[], kustomization?: object) => {
      fill(objects);
      const file = join(crdFolder, "kustomization.yaml");
      rmSync(file, { force: true });
      if (kustomization) writeFileSync(file, JSON.stringify(kustomization));
      const gatewayApi = `${crdFolder}#sha256=${digest}`;
      const [, found] = await sourceRows(settings({ gatewayApi }), answering(404));
      return found;
    };

    test("in part is a problem, by what it lacks", async () => {
      expect(await ofCopy(crds.slice(2))).toMatchObject({
        state: "problem",
        found: expect.stringMatching(
          /lacks gatewayclasses and gateways in v1.*contains: tcproutes\./,
        ),
      });
    });

    test("too old is a problem, also as a List", async () => {
      const items = crds.map((crd) => ({ ...crd, spec: { versions: [{ name: "v1beta1" }] } }));
      expect(await ofCopy([{ apiVersion: "v1", kind: "List", items }])).toMatchObject({
        state: "problem",
        found: expect.stringContaining("in v1, which the mesh needs"),
      });
    });

    test("that only kustomize can build is a problem", async () => {
      const kustomization = { resources: ["crds.yaml"], patches: [] };
      expect(await ofCopy(crds, kustomization)).toMatchObject({
        state: "problem",
        found: expect.stringMatching(/has patches\. Build it first: kubectl kustomize/),
      });
    });

    test("with another digest is a problem, by the command that accepts it", async () => {
      expect(await ofCopy(crds)).toMatchObject({
        state: "problem",
        found: expect.stringContaining(`expected sha256=${digest}`),
        remedy: `pulumi config set --path mesh.gatewayApi '${crdFolder}#sha256=${digestOf(crds)}'`,
      });
    });
  });

  test("no internet access: use a copy", async () => {
    const load = (async () => {
      throw new TypeError("fetch failed", { cause: new Error("getaddrinfo ENOTFOUND") });
    }) as unknown as typeof fetch;
    expect(await first({}, load)).toMatchObject({
      state: "problem",
      found: expect.stringContaining("ENOTFOUND"),
      remedy: expect.stringContaining("mesh.chartRepository"),
    });
  });
});

test("the table shows remedies below their rows", () => {
  const table = render("stack dev", [
    { check: "identity", state: "ok", found: "API key" },
    { check: "region", state: "problem", found: "none", remedy: "one\ntwo" },
    { check: "limits", state: "not checked", found: "500" },
  ]);
  expect(table).toBe(`stack dev
✔ identity  API key
✖ region    none
            → one
            → two
– limits    500
1 problem. 1 not checked.
`);
});
