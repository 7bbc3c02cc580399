import { describe, expect, jest, test } from "@jest/globals";
import * as z from "zod";

import { schema } from "../../../components/settings/schema.js";
import { parseSettings, SettingsError } from "../../../components/settings/settings.js";
import { offlineSources } from "../../../tools/plan/recording/offline.js";
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

/** Settings that are a number, a switch, a version, or one of few words: their values tell nothing. */
const plain = [
  "network.apiOpenToAll",
  "nodes.os",
  "nodes.ocpus",
  "nodes.memoryGb",
  "nodes.count",
  "nodes.bootVolumeGb",
  "mesh.version",
  "mesh.platform",
];

const refused = {
  cluster: "existing",
  kubernetesVersion: "v1.35.0",
  clusterType: "enhanced",
  "gateway.serviceType": "NodePort",
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

test("every setting is known here", () => {
  const paths = Object.entries(schema.shape).flatMap(([key, field]) =>
    field instanceof z.ZodObject ? Object.keys(field.shape).map((name) => `${key}.${name}`) : [key],
  );
  const known = [...kept.map(([path]) => path), ...plain, ...Object.keys(refused)];
  expect(paths.filter((path) => !known.includes(path))).toEqual([]);
});

describe("an encrypted setting", () => {
  test.each(kept)(
    "%s stays encrypted wherever the program registers it",
    async (path, value, on) => {
      const { key, config } = configOf(path, value, on);
      const { nodes } = parseSettings(config);
      const recorded = async (secretKeys: string[]) => {
        const { registrations, outputs, messages } = await record(config, {
          secretKeys,
          sources: offlineSources(parseSettings(config)),
          invokes: tenancyWith({ os: nodes.os, shape: nodes.shape }),
        });
        const shown = registrations.map(({ secrets: _, ...registration }) => registration);
        return JSON.stringify([shown, outputs, messages]);
      };
      const found = async (secretKeys: string[]) =>
        /s3cret|10\.77\.0\.0\/16|198\.51\.100\.77/i.exec(await recorded(secretKeys))?.[0];
      // The search finds what is in plain text.
      if (path === "compartmentId") expect(await found([])).toBe("s3cret");
      expect(await found([key])).toBeUndefined();
    },
  );

  test.each(Object.entries(refused))(
    "%s is refused, as names and labels show it",
    (path, value) => {
      const { key, config } = configOf(path, value);
      const parse = () => parseSettings(config, [key]);
      expect(parse).toThrow(SettingsError);
      expect(parse).toThrow(/= "\[secret\]": expected plain text.*pulumi config set --plaintext/);
      expect(parse).not.toThrow(/s3cret/);
    },
  );
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
