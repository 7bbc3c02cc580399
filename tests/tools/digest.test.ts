import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "@jest/globals";

import { digestOf } from "../../components/mesh/gateway-api-bundle.js";
import { runToEnd } from "./run-to-end.js";

const folder = mkdtempSync(join(tmpdir(), "digest-"));
afterAll(() => rmSync(folder, { recursive: true }));

const crds = ["gateways", "gatewayclasses"].map((plural) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${plural}.gateway.networking.k8s.io` },
  spec: { versions: [{ name: "v1", served: true }] },
}));

function digest(...args: string[]) {
  return runToEnd(process.execPath, ["--import", "tsx", "tools/digest/cli.ts", ...args]);
}

test("a copy of the Gateway API is printed with its digest, as the setting takes it", async () => {
  writeFileSync(join(folder, "crds.yaml"), crds.map((crd) => JSON.stringify(crd)).join("\n---\n"));
  expect(await digest(folder)).toEqual({
    code: 0,
    stdout: `${folder}#sha256=${digestOf(crds)}\n`,
    stderr: "",
  });
});

test("what is no Gateway API is refused without a stack trace", async () => {
  const { code, stderr } = await digest(join(folder, "gone"));
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^mesh\.gatewayApi: ENOENT.*gone/)]);
  expect(stderr).not.toMatch(/\n\s+at /);
});
