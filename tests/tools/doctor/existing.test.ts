import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, expect, test } from "@jest/globals";

import { examine } from "../../../tools/doctor/examine.js";
import { exitCode } from "../../../tools/doctor/render.js";

// An API server of a k3s cluster that has nothing but what a test adds.
let server: Server;
let answers: Record<string, { code?: number; items?: unknown[] }> = {};
const fixed: Record<string, unknown> = {
  "/api/v1/namespaces/kube-system": { metadata: { name: "kube-system", uid: "1" } },
  "/version": { gitVersion: "v1.34.2+k3s1" },
};

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().on("end", () => {
      const [path = ""] = (request.url ?? "").split("?");
      const isReview = path.endsWith("selfsubjectaccessreviews");
      const answer = answers[path];
      const code = request.method === "POST" ? 201 : (answer?.code ?? (fixed[path] ? 200 : 404));
      response.writeHead(answer?.items ? 200 : code, { "content-type": "application/json" });
      const review = isReview ? { status: { allowed: true } } : undefined;
      response.end(JSON.stringify(review ?? answer ?? fixed[path] ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

async function rows(present: typeof answers) {
  answers = present;
  const { port } = server.address() as AddressInfo;
  const kubeconfig = JSON.stringify({
    "current-context": "one",
    clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}` } }],
    contexts: [{ name: "one", context: { cluster: "c" } }],
  });
  const config = {
    "oke-ambient-mesh:cluster": "existing",
    "oke-ambient-mesh:existing": { kubeconfig },
    "oke-ambient-mesh:mesh": { gatewayApi: "existing" },
  };
  const all = await examine({ stack: "local", config }, { node: "v20.20.2", pulumi: "v3.259.0" });
  return { cluster: all.filter(({ check }) => check === "cluster"), exit: exitCode(all) };
}

test("an existing cluster's problems, warnings, and what can't be listed are rows", async () => {
  const { cluster, exit } = await rows({
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations": {
      items: [{ metadata: { name: "istiod-default-validator" } }],
    },
    "/api/v1/namespaces/default/resourcequotas": { code: 403 },
  });
  expect(cluster).toEqual([
    { check: "cluster", state: "problem", found: expect.stringContaining("no Gateway API CRDs") },
    {
      check: "cluster",
      state: "problem",
      found: expect.stringContaining("ValidatingWebhookConfiguration istiod-default-validator"),
    },
    { check: "cluster", state: "warning", found: expect.stringMatching(/mesh\.platform k3s$/) },
    {
      check: "cluster",
      state: "not checked",
      found: "this identity lacks permission to list resourcequotas",
    },
  ]);
  expect(exit).toBe(1);
});
