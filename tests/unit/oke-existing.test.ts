import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, test } from "@jest/globals";

import { problemsOf } from "../../components/existing/checks.js";
import { inspect, kubeConfig } from "../../components/existing/inspect.js";
import type { ClusterFacts } from "../../components/existing/inspect.js";
import { parseSettings } from "../../components/settings.js";

const folder = mkdtempSync(join(tmpdir(), "existing-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fitting: ClusterFacts = {
  name: "kind-mesh",
  uid: "6c3d",
  kubernetesVersion: "v1.34.2",
  istiods: [],
  forbidden: [],
  gatewayApi: [],
};
const check = (facts: Partial<ClusterFacts>, mesh: Record<string, unknown> = {}) =>
  problemsOf({ ...fitting, ...facts }, parseSettings({ cluster: "existing", mesh }));

describe("an existing cluster", () => {
  test("that fits has no problem", () => {
    expect(check({})).toEqual([]);
    expect(check({ gatewayApi: [{ name: "gateways" }] }, { gatewayApi: "existing" })).toEqual([]);
  });

  test("may run this program's own Istio already", () => {
    expect(check({ istiods: [{ namespace: "istio-system", managedBy: "istiod" }] })).toEqual([]);
  });

  test.each<[string, Partial<ClusterFacts>, RegExp]>([
    ["too old", { kubernetesVersion: "v1.31.9+k3s1" }, /v1\.31\.9\+k3s1.*1\.32 to 1\.36/],
    ["too new", { kubernetesVersion: "v1.37.0" }, /supports 1\.32 to 1\.36/],
    [
      "with another Istio",
      { istiods: [{ namespace: "istio-system", version: "1.24.4" }] },
      /istiod 1\.24\.4 in namespace istio-system.*uninstall/,
    ],
    [
      "with Istio elsewhere",
      { istiods: [{ namespace: "mesh", managedBy: "istiod" }] },
      /in namespace mesh/,
    ],
    [
      "that forbids",
      { forbidden: ["create namespaces", "patch namespaces"] },
      /may not create namespaces, nor patch namespaces.*cluster-admin/,
    ],
  ])("%s", (_, facts, words) => {
    expect(check(facts)).toEqual([expect.stringMatching(words)]);
  });

  test("without the CRDs that are said to be there", () => {
    expect(check({}, { gatewayApi: "existing" })).toEqual([
      expect.stringMatching(/not there.*pulumi config rm --path mesh\.gatewayApi/),
    ]);
  });

  test("tells all its problems", () => {
    expect(check({ kubernetesVersion: "v1.37.0", forbidden: ["x"] })).toHaveLength(2);
  });
});

describe("the kubeconfig", () => {
  const text = `apiVersion: v1
kind: Config
current-context: one
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {token: s3cret}}]
contexts: [{name: one, context: {cluster: c, user: u}}, {name: two, context: {cluster: c, user: u}}]
`;

  test("is taken as text, as file, by context", () => {
    const path = join(folder, "config");
    writeFileSync(path, text);
    expect(kubeConfig({ kubeconfig: text }).getCurrentContext()).toBe("one");
    expect(kubeConfig({ kubeconfig: path }).getCurrentContext()).toBe("one");
    expect(kubeConfig({ kubeconfig: path, context: "two" }).getCurrentContext()).toBe("two");
  });

  test("without that context: which it has", () => {
    expect(() => kubeConfig({ kubeconfig: text, context: "three" })).toThrow(/it has: one, two/);
  });

  test("that is not there: what to set", () => {
    expect(() => kubeConfig({ kubeconfig: join(folder, "gone") })).toThrow(
      /No kubeconfig: .*gone.*existing\.kubeconfig/s,
    );
  });

  test("of a cluster that does not answer: server and next command, no secret", async () => {
    const failure: Error = await inspect({ kubeconfig: text }).then(
      () => {
        throw new Error("something answered");
      },
      (error) => error,
    );
    expect(failure.message).toMatch(/context one \(https:\/\/127\.0\.0\.1:1\).*ECONNREFUSED/);
    expect(failure.message).toContain("kubectl --context one version");
    expect(failure.message).not.toContain("s3cret");
  });
});
