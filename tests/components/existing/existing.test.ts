import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, test } from "@jest/globals";

import { problemsOf } from "../../../components/existing/checks.js";
import { inspect } from "../../../components/existing/inspect.js";
import type { ClusterFacts } from "../../../components/existing/inspect.js";
import { nothingPresent, type Present } from "../../../components/existing/present.js";
import { connectTo } from "../../../components/kubeconfig/connect.js";
import { parseSettings } from "../../../components/settings/settings.js";

const folder = mkdtempSync(join(tmpdir(), "existing-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fitting: ClusterFacts = {
  name: "kind-mesh",
  uid: "6c3d",
  kubernetesVersion: "v1.34.2",
  istiods: [],
  present: nothingPresent,
};
const check = (facts: Partial<ClusterFacts>, settings: Record<string, unknown> = {}) =>
  problemsOf({ ...fitting, ...facts }, parseSettings({ cluster: "existing", ...settings }));
/** A cluster with these existing objects. */
const having = (present: Partial<Present>): Partial<ClusterFacts> => ({
  present: { ...fitting.present, ...present },
});
const ours = (...names: string[]) => names.map((name) => ({ name, ours: true }));
const theirs = (...names: string[]) => names.map((name) => ({ name, ours: false }));
const gateways = { name: "gateways.gateway.networking.k8s.io", version: "v1.2.0", ours: false };
const v1 = ["gatewayclasses", "gateways", "httproutes"];
const usesExisting = { mesh: { gatewayApi: "existing" } };
const crd = "gateways.networking.istio.io";

describe("an existing cluster", () => {
  test("without conflicts has no problems", () => {
    expect(check({})).toEqual([]);
    expect(check(having({ gatewayApi: [gateways], gatewayApiV1: v1 }), usesExisting)).toEqual([]);
  });

  test("may already have this program's mesh", () => {
    const mesh = having({
      gatewayApi: [{ ...gateways, ours: true }],
      istioCrds: ours(crd),
      gatewayClasses: [...ours("istio-waypoint"), ...theirs("nginx")],
      namespaces: [...ours("istio-system", "shop"), ...theirs("default", "kube-system")],
      caCertificates: ours("default"),
    });
    const istiods = [{ namespace: "istio-system", managedBy: "istiod" }];
    expect(check({ ...mesh, istiods })).toEqual([]);
    expect(check({ ...mesh, istiods }, { namespace: "shop" })).toEqual([]);
    expect(check({ ...having({ namespaces: ours("istio-system") }), istiods })).toEqual([]);
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
      "with Istio by Helm, under the program's names",
      { istiods: [{ namespace: "istio-system", managedBy: "istiod" }] },
      /has another Istio.*helm uninstall/,
    ],
  ])("%s", (_, facts, words) => {
    expect(check(facts)).toEqual([expect.stringMatching(words)]);
  });

  test.each<[string, Partial<Present>, Record<string, unknown>, RegExp]>([
    [
      "mesh.gatewayApi = existing and no CRDs",
      {},
      usesExisting,
      /has no Gateway API CRDs.*pulumi config rm --path mesh\.gatewayApi/,
    ],
    [
      "mesh.gatewayApi = existing and this program's CRDs",
      { gatewayApi: [{ ...gateways, ours: true }] },
      usesExisting,
      /this program installed.*pulumi config rm --path mesh\.gatewayApi/,
    ],
    [
      "a foreign Gateway API",
      { gatewayApi: [gateways], gatewayApiV1: v1 },
      {},
      /already has Gateway API CRDs, v1\.2\.0.*pulumi config set --path mesh\.gatewayApi existing/,
    ],
    [
      "CRDs of an earlier Istio",
      { istioCrds: theirs(crd, "sidecars.networking.istio.io") },
      {},
      /2 CRDs of an earlier Istio, such as gateways\.networking.*xargs kubectl delete/,
    ],
    [
      "a namespace of an earlier Istio",
      { namespaces: theirs("istio-system") },
      {},
      /istio-system exists without an istiod.*kubectl delete namespace istio-system/,
    ],
    [
      "a certificate of an earlier Istio",
      { caCertificates: theirs("default", "other") },
      {},
      /kubectl delete configmap istio-ca-root-cert -n default/,
    ],
    [
      "a class of an earlier Istio",
      { gatewayClasses: theirs("istio-waypoint") },
      {},
      /kubectl delete gatewayclass istio-waypoint/,
    ],
    [
      "a foreign namespace",
      { namespaces: theirs("shop") },
      { namespace: "shop" },
      /shop already exists.*pulumi config set namespace/,
    ],
  ])("with %s", (_, present, settings, words) => {
    expect(check(having(present), settings)).toEqual([expect.stringMatching(words)]);
  });

  test("with a running Istio gets only the advice to uninstall it", () => {
    const istiods = [{ namespace: "mesh" }];
    const present = { istioCrds: theirs(crd), caCertificates: theirs("default") };
    expect(check({ ...having(present), istiods })).toEqual([expect.stringMatching(/uninstall/)]);
  });

  test("is not checked for mesh conflicts at stage cluster", () => {
    expect(check(having({ gatewayApi: [gateways] }), { stage: "cluster" })).toEqual([]);
  });

  test("reports all its problems", () => {
    const istiods = [{ namespace: "mesh" }];
    expect(check({ kubernetesVersion: "v1.37.0", istiods })).toHaveLength(2);
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

  test("can be text or a file, with a context", () => {
    const path = join(folder, "config");
    writeFileSync(path, text);
    expect(connectTo({ kubeconfig: text }).context).toBe("one");
    expect(connectTo({ kubeconfig: path }).context).toBe("one");
    expect(connectTo({ kubeconfig: path, context: "two" }).context).toBe("two");
  });

  test("without the configured context is refused with those it has", () => {
    expect(() => connectTo({ kubeconfig: text, context: "three" })).toThrow(/It has: one, two/);
  });

  test("that does not exist is refused with the next command", () => {
    expect(() => connectTo({ kubeconfig: join(folder, "gone") })).toThrow(
      /No kubeconfig: .*gone.*existing\.kubeconfig/s,
    );
  });

  test("of an unreachable cluster is refused with server and next command, but no secret", async () => {
    const failure: Error = await inspect(
      parseSettings({ cluster: "existing", existing: { kubeconfig: text } }),
    ).then(
      () => {
        throw new Error("something answered");
      },
      (error) => error,
    );
    expect(failure.message).toMatch(/context one \(https:\/\/127\.0\.0\.1:1\).*ECONNREFUSED/);
    expect(failure.message).toContain("existing.kubeconfig) --context one version");
    expect(failure.message).not.toContain("s3cret");
  });
});
