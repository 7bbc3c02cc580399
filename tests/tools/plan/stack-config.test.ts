import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, jest, test } from "@jest/globals";
import { parse } from "yaml";

import { stackNames } from "../../../tools/stacks/stack-files.js";
import { ToolError } from "../../../tools/command-line/errors.js";
import { plan, stacksWith } from "./run.js";

jest.setTimeout(120_000);

interface Registered {
  inputs: Record<string, unknown>;
}

describe("stacks", () => {
  test("are those with a file, except sandboxes", () => {
    const folder = stacksWith((dev) => dev);
    for (const name of ["sandbox", "sandbox-two", "sandboxes"]) {
      writeFileSync(join(folder, `Pulumi.${name}.yaml`), "");
    }
    expect(stackNames(folder)).toEqual(["dev", "sandboxes"]);
  });

  test("keep their secrets", async () => {
    const stacks = stacksWith(
      () => `config:
  oke-ambient-mesh:cluster: existing
  oke-ambient-mesh:existing:
    kubeconfig: { secure: v1:abcdef }
`,
    );
    const { status, out, err } = await plan(["--config", "stage=cluster"], { stacks });
    expect([status, err]).toEqual([0, ""]);
    expect(out).toContain("kubeconfig: <secret>");
    expect(out).not.toContain("abcdef");
  });

  test("keep encrypted chart values hidden, and check the others against the rules", async () => {
    const stacks = stacksWith(
      (dev) => `${dev}  oke-ambient-mesh:mesh:
    helmValues:
      istiod: { env: { TOKEN: { secure: v1:abcdef } }, hub: istio }
`,
    );
    const { status, out, err } = await plan(["--config", "stage=mesh"], { stacks });
    expect(err).toContain(
      "istio-istiod: values.hub, .tag and .image, or values.global's: \"istio/",
    );
    expect([status, err.split("\n").filter((line) => line.startsWith("  "))]).toEqual([
      1,
      [expect.stringContaining("has no registry")],
    ]);
    const { "istio-istiod": istiod, "istio-cni": cni } = parse(out) as Record<string, Registered>;
    expect(istiod?.inputs["values"]).toBe("<secret>");
    expect(cni?.inputs["values"]).toHaveProperty("profile", "ambient");
  });

  test("have their secrets hidden wherever the program registers them", async () => {
    const stacks = stacksWith(
      () => `config:
  oke-ambient-mesh:cluster: existing
  oke-ambient-mesh:existing: { context: { secure: v1:abcdef } }
  oke-ambient-mesh:mesh: { chartRepository: { secure: v1:ghijkl } }
`,
    );
    const { status, out, err } = await plan(["--config", "stage=mesh"], { stacks });
    expect([status, err]).toEqual([0, ""]);
    expect(out).toContain("context: <secret>");
    expect(out).toContain("repositoryOpts: <secret>");
    expect(out).not.toMatch(/abcdef|ghijkl|sealed/);
  });

  test("with a password in a URL violate a guard rail, and do not show it", async () => {
    const url = "https://user:s3cret@charts.example.com/istio";
    const stacks = stacksWith(
      (dev) => `${dev}  oke-ambient-mesh:mesh: { chartRepository: "${url}" }\n`,
    );
    const { status, out, err } = await plan(["--config", "stage=mesh"], { stacks });
    expect(status).toBe(1);
    expect(err).toContain("violates a guard rail: no secret in plain text");
    expect(err).toContain(
      "mesh.chartRepository = https://[secret]@charts.example.com/istio has a user name or password",
    );
    expect(err).toContain("pulumi config set --secret --path mesh.chartRepository <URL>");
    expect(out + err).not.toContain("s3cret");
  });

  test("can be planned although a required value is encrypted", async () => {
    const stacks = stacksWith(
      (dev) => `${dev}  oke-ambient-mesh:compartmentId: { secure: v1:abcdef }
  oke-ambient-mesh:network:
    apiAllowedCidrs: [{ secure: v1:ghijkl }, 203.0.113.7/32]
`,
    );
    const { status, out, err } = await plan(["--config", "stage=cluster"], { stacks });
    expect([status, err]).toEqual([0, ""]);
    expect(out).toContain("compartmentId: <secret>");
    expect(out).toMatch(/<secret> +203\.0\.113\.7|^ +<secret> /m);
    expect(out).not.toMatch(/not-set|192\.0\.2|sealed/);
  });

  test("hide an encrypted range of the VCN, with those of its subnets, and nothing beside it", async () => {
    const stacks = stacksWith(
      (dev) => `${dev}  oke-ambient-mesh:network:
    apiAllowedCidrs: [203.0.113.7/32]
    vcnCidr: { secure: v1:abcdef }
`,
    );
    const { status, out, err } = await plan(["--config", "stage=cluster"], { stacks });
    expect([status, err]).toEqual([0, ""]);
    const { "network-vcn": vcn, "network-subnet-api": api } = parse(out) as Record<
      string,
      Registered
    >;
    expect(vcn?.inputs["cidrBlocks"]).toEqual(["<secret>"]);
    expect(api?.inputs["cidrBlock"]).toBe("<secret>");
    expect(out).toMatch(/<secret> .*Workers to the Kubernetes API/);
    expect(out).not.toMatch(/198\.18|sealed/);
  });

  test("show a setting beside an encrypted one, also one of the command line", async () => {
    const stacks = stacksWith(
      (dev) => `${dev}  oke-ambient-mesh:mesh:
    chartRepository: { secure: v1:abcdef }
    version: 1.30.1
`,
    );
    const stage = ["--config", "stage=mesh"];
    const planned = await plan(stage, { stacks });
    expect([planned.status, planned.out]).toEqual([0, expect.stringContaining("version: 1.30.1")]);
    const { out } = await plan([...stage, "--config", "mesh.version=1.30.2"], { stacks });
    expect(out).toContain("version: 1.30.2");
  });

  test.each([
    ["nodes", "os"],
    ["nodes", "count"],
    ["mesh", "version"],
    ["mesh", "platform"],
    ["network", "apiOpenToAll"],
  ])("cannot be planned with an encrypted %s.%s", async (key, field) => {
    const stacks = stacksWith(
      () => `config: { oke-ambient-mesh:${key}: { ${field}: { secure: v1:abcdef } } }`,
    );
    await expect(plan(["--config", "stage=cluster"], { stacks })).rejects.toThrow(
      `Pulumi.dev.yaml has ${key}.${field} encrypted, so the plan has no valid value for it. Store it in plain text: pulumi config set --plaintext --path ${key}.${field} <value>`,
    );
  });

  test.each(["namespace", "network"])("cannot be planned with an encrypted %s", async (key) => {
    const stacks = stacksWith((dev) => `${dev}  oke-ambient-mesh:${key}: { secure: v1:abcdef }\n`);
    const planned = plan(["--config", "stage=cluster"], { stacks });
    await expect(planned).rejects.toBeInstanceOf(ToolError);
    await expect(planned).rejects.toThrow(
      new RegExp(`Pulumi\\.dev\\.yaml has ${key} encrypted.*--plaintext --path ${key} <value>`),
    );
  });

  test("may hold other packages' keys, and the project's in any of the engine's spellings", async () => {
    const stacks = stacksWith(
      () => `config:
  oci:region: eu-frankfurt-1
  kubernetes:context: elsewhere
  pulumi:tags: { owner: me }
  cluster: existing
  oke-ambient-mesh:config:namespace: shop
`,
    );
    const { status, out, err } = await plan(["--config", "stage=bookinfo"], { stacks });
    expect([status, err]).toEqual([0, ""]);
    expect(out).toContain("namespace: shop");
  });

  test.each(["acme/dev", "acme/oke-ambient-mesh/dev"])("are found by %s", async (name) => {
    const { status, out } = await plan(["--stack", name, "--config", "stage=cluster"]);
    expect(status).toBe(0);
    expect(out).toContain("# Stack dev at stage cluster");
  });

  test("with a mistake do not stop the others", async () => {
    const stacks = stacksWith((dev) => dev);
    writeFileSync(join(stacks, "Pulumi.broken.yaml"), "config: { oke-ambient-mesh:stage: l5 }");
    const { status, out, err } = await plan(["--config", "nodes.count=2"], { stacks });
    expect(status).toBe(1);
    expect(err).toContain('stage = "l5": expected one of');
    expect(err).toContain("The mistake is in stack broken; the other stacks are planned.");
    expect(out).toContain("# Stack dev at stage traffic");
  });

  test("that import environments of Pulumi ESC are planned, and the plan says what it can't know", async () => {
    const stacks = stacksWith(
      (dev) => `environment: [shared, { acme/prod: { merge: false } }]\n${dev}`,
    );
    const { status, out, err } = await plan(["--config", "stage=cluster"], { stacks });
    expect(status).toBe(0);
    expect(err).toContain("Pulumi.dev.yaml imports from Pulumi ESC: shared, acme/prod.");
    expect(err).toMatch(/They may set compartmentId, .*namespace/);
    expect(err).not.toMatch(/They may set .*nodes/);
    expect(out).toMatch(/# Pulumi\.dev\.yaml imports from Pulumi ESC: shared/);
    expect(out).toContain("compartmentId: <compartmentId>");
  });

  test("accept any Kubernetes version and Oracle Linux release that they name", async () => {
    const { status, out } = await plan([
      "--stack",
      "dev",
      ...["kubernetesVersion=v1.35.7", "nodes.os=8.10", "stage=cluster"].flatMap((pair) => [
        "--config",
        pair,
      ]),
    ]);
    expect(status).toBe(0);
    expect(out).toContain("kubernetesVersion: v1.35.7");
    expect(out).toContain("imageId: <newest image of Oracle Linux 8.10 for it>");
  });
});
