import { describe, expect, jest, test } from "@jest/globals";
import { RunError } from "@pulumi/pulumi";
import * as z from "zod";

import { schema } from "../../../components/settings/schema.js";
import type { StackFile } from "../../../components/settings/stack-file.js";
import { parseSettings, SettingsError } from "../../../components/settings/settings.js";
import { offlineSources, withoutStackTraces } from "../../../tools/plan/recording/offline.js";
import { tenancyWith } from "../../../tools/plan/recording/tenancy.js";
import { record } from "../../../tools/plan/recording/record.js";

jest.setTimeout(60_000);

const kubeconfig = `apiVersion: v1
kind: Config
current-context: s3cret-context
clusters: [{ name: c, cluster: { server: "https://s3cret.example.com" } }]
users: [{ name: u, user: { token: s3cret-token } }]
contexts: [{ name: s3cret-context, context: { cluster: c, user: u } }]
`;

/** A value of each setting that may be secret. */
const kept: [path: string, value: unknown, cluster: "oke" | "existing"][] = [
  ["compartmentId", "ocid1.compartment.oc1..s3cret", "oke"],
  ["network.vcnCidr", "10.77.0.0/16", "oke"],
  ["network.apiAllowedCidrs", ["198.51.100.77/32"], "oke"],
  ["nodes.shape", "VM.Standard.S3cret.Flex", "oke"],
  ["nodes.imageId", "ocid1.image.oc1.eu-frankfurt-1.s3cret", "oke"],
  ["existing.kubeconfig", kubeconfig, "existing"],
  ["existing.kubeconfig", "/home/s3cret/kubeconfig", "existing"],
  ["existing.context", "s3cret-context", "existing"],
  ["mesh.chartRepository", "https://user:s3cret@charts.example.com/istio", "oke"],
  ["mesh.chartRepository", "oci://s3cret.example.com/charts", "oke"],
  ["mesh.chartRepository", "/srv/s3cret/charts", "existing"],
  ["mesh.imageHub", "s3cret.example.com/istio", "oke"],
  ["mesh.gatewayApi", `/srv/s3cret/crds.yaml#sha256=${"0".repeat(64)}`, "oke"],
  ["mesh.helmValues", { istiod: { env: { TOKEN: "s3cret" } } }, "oke"],
];

/** A value of each setting that a deployment shows. */
const refused = {
  cluster: "existing",
  kubernetesVersion: "v1.35.0",
  clusterType: "enhanced",
  "network.apiOpenToAll": true,
  "nodes.os": "8.10",
  "nodes.ocpus": 4,
  "nodes.memoryGb": 32,
  "nodes.count": 3,
  "nodes.bootVolumeGb": 100,
  "gateway.serviceType": "NodePort",
  "mesh.version": "1.30.1",
  "mesh.platform": "k3s",
  namespace: "s3cret",
  stage: "mesh",
  "reviews.v2Percent": 30,
  observability: true,
  load: 5,
  verify: false,
  verifySettleSeconds: 30,
  expiresAt: "2099-01-01T00:00:00Z",
};

const configOf = (path: string, value: unknown, cluster = "oke") => {
  const [key = "", field] = path.split(".");
  const network = { apiAllowedCidrs: ["203.0.113.7/32"] };
  const base: Record<string, unknown> = {
    cluster,
    ...(cluster === "oke" && { compartmentId: "ocid1.compartment.oc1..a", network }),
  };
  const inner = field ? { ...(base[key] as object | undefined), [field]: value } : value;
  return { key, config: { ...base, [key]: inner } };
};

test("every setting is either kept or refused as a secret", () => {
  const paths = Object.entries(schema.shape).flatMap(([key, field]) =>
    field instanceof z.ZodObject ? Object.keys(field.shape).map((name) => `${key}.${name}`) : [key],
  );
  const known = [...new Set(kept.map(([path]) => path)), ...Object.keys(refused)];
  expect(known.sort()).toEqual(paths.sort());
});

/** What anybody can read of a deployment with that configuration. */
async function shownOf(
  config: Record<string, unknown>,
  secretKeys: string[],
  stackFile: StackFile = {},
) {
  const settings = parseSettings(config);
  const { registrations, outputs, messages } = await withoutStackTraces(() =>
    record(config, {
      secretKeys,
      sources: { ...offlineSources(settings), stackFile },
      invokes: tenancyWith({ os: settings.nodes.os, shape: settings.nodes.shape }),
    }),
  );
  const shown = registrations.map(({ secrets: _, ...registration }) => registration);
  // A digest of the settings.
  return JSON.stringify([shown, outputs, messages]).replace(/"CHECKED":"\w+"/g, "");
}

describe("an encrypted setting", () => {
  test.each(kept)(
    "%s stays encrypted wherever the program registers it",
    async (path, value, on) => {
      const { key, config } = configOf(path, value, on);
      const found = async (secretKeys: string[]) =>
        /s3cret|10\.77\.|198\.51\.100\.77/i.exec(await shownOf(config, secretKeys))?.[0];
      // The search finds what is in plain text.
      if (path === "compartmentId") expect(await found([])).toBe("s3cret");
      expect(await found([key])).toBeUndefined();
    },
  );

  test.each<[path: string, one: unknown, other: unknown, cluster: "oke" | "existing"]>([
    ["network.vcnCidr", "10.77.0.0/16", "10.78.0.0/20", "oke"],
    ["existing.kubeconfig", "/k", "/c", "existing"],
    ["existing.context", "kind", "k3d", "existing"],
    ["mesh.chartRepository", "/a", "/b", "oke"],
    ["mesh.imageHub", "a/b", "c/d", "oke"],
  ])("%s changes nothing that a deployment shows", async (path, one, other, on) => {
    const { key } = configOf(path, one);
    const shown = (value: unknown, secretKeys: string[]) =>
      shownOf({ ...configOf(path, value, on).config, stage: "mesh" }, secretKeys);
    expect(await shown(one, [key])).toBe(await shown(other, [key]));
    expect(await shown(one, [])).not.toBe(await shown(other, []));
  });

  test.each([...Object.entries(refused), ["mesh.gatewayApi", "v1.5.1"]])(
    "%s is refused, as a deployment shows it",
    (path, value) => {
      const { key, config } = configOf(path, value);
      // Pulumi reports only the key, which is enough where all of its fields are shown.
      for (const encrypted of [[path], [key]]) {
        const parse = () => parseSettings(config, [key], encrypted);
        expect(parse).toThrow(SettingsError);
        expect(parse).toThrow(`  ${path} = "[secret]": expected plain text`);
        expect(parse).toThrow(
          `pulumi config set --plaintext ${path.includes(".") ? "--path " : ""}${path} <value>`,
        );
        expect(parse).not.toThrow(/s3cret/);
      }
    },
  );

  // Without the stack's file, nothing tells which field of a key is the secret: all of them may be.
  test.each<[path: string, one: unknown, other: unknown]>([
    ["nodes.os", "8.10", "9.6"],
    ["nodes.ocpus", 4, 8],
    ["nodes.memoryGb", 32, 24],
    ["nodes.count", 3, 5],
    ["nodes.bootVolumeGb", 100, 150],
    ["mesh.version", "1.30.1", "1.30.2"],
    ["mesh.platform", "k3s", "gke"],
    ["network.apiOpenToAll", true, false],
  ])("%s stays encrypted if another file than the stack's sets it", async (path, one, other) => {
    const { key } = configOf(path, one);
    const shown = (value: unknown) =>
      shownOf({ ...configOf(path, value).config, stage: "mesh" }, [key]);
    expect(await shown(one)).toBe(await shown(other));
  });
});

test("a setting beside an encrypted one stays readable if the stack's file has it in plain text", async () => {
  const { config } = configOf("nodes.count", 3);
  const nodes = { count: 3, shape: "VM.Standard.S3cret.Flex" };
  const shown = await shownOf({ ...config, nodes }, ["nodes"], {
    config: { "oke-ambient-mesh:nodes": { count: 3, shape: { secure: "v1:abc" } } },
  });
  expect(shown).toContain('"size":3');
  expect(shown).not.toContain("S3cret");
});

test("a check that compares settings does not show an encrypted one", () => {
  const { config } = configOf("namespace", "default");
  const nodes = { shape: "VM.Standard.E4.S3cret.Flex", ocpus: 4, memoryGb: 1024, count: 777 };
  const network = { apiAllowedCidrs: ["203.0.113.7/32"], vcnCidr: "10.77.0.0/22" };
  const parse = (secretKeys: string[]) => () =>
    parseSettings({ ...config, nodes, network }, secretKeys);
  expect(parse([])).toThrow(/S3cret[^]*777|777[^]*S3cret/);
  expect(parse(["nodes"])).toThrow(/each of \[secret\] OCPUs/);
  expect(parse(["nodes"])).not.toThrow(/S3cret|777/);
});

test("a mistake in an encrypted setting is named without the value", () => {
  const { config } = configOf("namespace", "default");
  const tracing = { defaultConfig: { tracing: { lightstep: { acessToken: "s3cret-token" } } } };
  const mesh = {
    imageHub: "https://s3cret.example.com/istio",
    helmValues: { istiod: { meshConfig: tracing } },
  };
  const parse = (secretKeys: string[]) => () => parseSettings({ ...config, mesh }, secretKeys);
  // The same without encryption shows it, and both settings are wrong.
  expect(parse([])).toThrow(/imageHub = "https:\/\/s3cret[^]*acessToken = "s3cret-token"/);
  expect(parse(["mesh"])).toThrow(/imageHub = "\[secret\]"[^]*acessToken = "\[secret\]"/);
  expect(parse(["mesh"])).not.toThrow(/s3cret/);
});

test("an encrypted kubeconfig's addresses and contexts are in no message", async () => {
  const said = async (secretKeys: string[]) => {
    const config = { cluster: "existing", existing: { kubeconfig }, stage: "cluster" };
    const inspectCluster = () =>
      Promise.reject(
        new RunError(
          "Can't reach the cluster of context s3cret-context (https://s3cret.example.com): getaddrinfo ENOTFOUND s3cret.example.com",
        ),
      );
    const failed = await record(config, { secretKeys, sources: { inspectCluster } }).catch(
      (error: unknown) => error,
    );
    return String(failed);
  };
  expect(await said([])).toContain("s3cret-context (https://s3cret.example.com)");
  expect(await said(["existing"])).toContain(
    "Can't reach the cluster of context [secret] (https://[secret]): getaddrinfo ENOTFOUND [secret]",
  );
});

test("a verification hides an encrypted kubeconfig, and nothing else", async () => {
  const stdin = async (secretKeys: string[]) => {
    const config = { cluster: "existing", existing: { context: "kind" }, stage: "cluster" };
    const { registrations } = await record(config, {
      secretKeys,
      sources: offlineSources(parseSettings(config)),
    });
    const command = registrations.find(({ type }) => type === "command:local:Command");
    return JSON.parse(String(command?.secrets["stdin"])) as object;
  };
  expect(await stdin(["existing"])).toMatchObject({ context: "kind", isSecret: true });
  expect(await stdin([])).not.toHaveProperty("isSecret");
});

test("a provider's encrypted setting stays encrypted in what runs beside the provider", async () => {
  const { config } = configOf("namespace", "default");
  const oci = { "oci:tenancyOcid": "ocid1.tenancy.oc1..s3cret", "oci:region": "eu-frankfurt-1" };
  const { registrations } = await record(
    { ...config, ...oci },
    { secretKeys: ["oci:tenancyOcid"], sources: offlineSources(parseSettings(config)) },
  );
  const shown = registrations.map(({ secrets: _, ...registration }) => registration);
  expect(JSON.stringify(shown)).not.toContain("s3cret");
  expect(JSON.stringify(registrations)).toContain("s3cret");
});
