import { readdirSync } from "node:fs";

import { describe, expect, test } from "@jest/globals";

import {
  ManifestError,
  parseObjects,
  readManifest,
  registerObject,
  type KubernetesObject,
} from "../../../components/resources/manifest.js";

const folder = new URL("../../../manifests/", import.meta.url);
const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith(".yaml"),
);
const objects = (path: string) => readManifest(path);
const everything = paths.flatMap((path) => objects(path).map((object) => ({ path, object })));

interface Container {
  image: string;
  resources?: { requests?: { cpu?: string; memory?: string } };
}
const containers = ({ spec }: KubernetesObject) =>
  (spec as { template: { spec: { containers: Container[] } } }).template.spec.containers;

describe("an error in a manifest", () => {
  const document = (text: string) => () => parseObjects(text, "some.yaml");

  test.each([
    ["a broken line", "apiVersion: v1\nkind: [Service\n", /^some\.yaml:\d+:\d+: Flow sequence/],
    ["a key twice", "kind: A\nkind: B\n", /^some\.yaml:2:1: Map keys must be unique/],
    ["no apiVersion", "kind: Service\n", /^some\.yaml:1:1: .* apiVersion must be a string/],
    ["no kind", "\napiVersion: v1\n", /^some\.yaml:2:1: .* kind must be a string/],
    [
      "no name, in the second document",
      "apiVersion: v1\nkind: A\nmetadata: { name: a }\n---\napiVersion: v1\nkind: Service\nmetadata: {}\n",
      /^some\.yaml:5:1: .* metadata\.name must be a string/,
    ],
    ["a list", "- apiVersion: v1\n", /^some\.yaml:1:1: not a Kubernetes object/],
  ])("names file, line and expectation: %s", (_, text, message) => {
    expect(document(text)).toThrow(ManifestError);
    expect(document(text)).toThrow(message);
  });

  test("empty documents are skipped", () => {
    const text = "---\napiVersion: v1\nkind: A\nmetadata: { name: a }\n---\n---\n# nothing\n";
    expect(parseObjects(text, "some.yaml").map(({ kind }) => kind)).toEqual(["A"]);
  });

  test("a missing file is named", () => {
    expect(() => readManifest("nowhere.yaml")).toThrow(/^manifests\/nowhere\.yaml: cannot be read/);
  });

  test("a built-in kind without a class is refused", () => {
    const object = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "once" } };
    expect(() => registerObject("a", object, {})).toThrow(/Job once: no class for batch\/v1/);
  });
});

describe("the manifests", () => {
  test("are in namespace default, except for Prometheus and Kiali", () => {
    const elsewhere = everything.filter(
      ({ path, object }) =>
        !/^(Namespace|ClusterRole|ClusterRoleBinding)$/.test(object.kind) &&
        object.metadata.namespace !==
          (/^observability\/(prometheus|kiali)/.test(path) ? "istio-system" : "default"),
    );
    expect(elsewhere).toEqual([]);
    expect(everything.length).toBeGreaterThan(38);
  });

  test("give Prometheus and Kiali rights to read only, and none to Secrets", () => {
    const roles = everything.filter(({ object }) => /Role$/.test(object.kind));
    expect(roles).toHaveLength(3);
    for (const { object } of roles) {
      for (const rule of (object as unknown as { rules: Record<string, string[]>[] }).rules) {
        expect(rule["verbs"]).toEqual(["get", "list", "watch"]);
        expect(rule["resources"]).not.toContain("secrets");
        if (rule["resources"]?.includes("*")) {
          expect(rule["apiGroups"]).not.toEqual(expect.arrayContaining(["", "*"]));
        }
      }
    }
  });

  test("name each image with registry and version, and request CPU and memory", () => {
    const deployments = everything.filter(({ object }) => object.kind === "Deployment");
    expect(deployments).toHaveLength(12);
    for (const { object } of deployments) {
      for (const { image, resources } of containers(object)) {
        expect(image).toMatch(/^[a-z]+\.[a-z.]+\/.+:v?\d+\.\d+(\.\d+)?$/);
        expect(resources?.requests).toEqual({
          cpu: expect.stringMatching(/^\d+m$/),
          memory: expect.stringMatching(/^\d+Mi$/),
        });
      }
    }
  });

  test.each([
    ["productpage", "l7"],
    ["reviews", "traffic"],
  ])("label Service %s with an existing waypoint, and change nothing else", (name, stage) => {
    const [labeled] = objects(`${stage}/${name}-service.yaml`);
    const [waypoint] = objects(`${stage}/${name}-waypoint.yaml`);
    const plain = objects("bookinfo/workloads.yaml").find(
      ({ kind, metadata }) => kind === "Service" && metadata.name === name,
    );
    expect(labeled?.metadata.labels).toMatchObject({
      ...plain?.metadata.labels,
      "istio.io/use-waypoint": waypoint?.metadata.name,
    });
    expect(labeled?.spec).toEqual(plain?.spec);
  });

  test("ztunnel's policy at l7 admits only the waypoint's service account", () => {
    const [waypoint] = objects("l7/productpage-waypoint.yaml");
    const [policy] = objects("l7/productpage-viewer.yaml");
    const account = `cluster.local/ns/default/sa/${waypoint?.metadata.name}`;
    expect(policy?.spec).toMatchObject({
      rules: [{ from: [{ source: { principals: [account] } }] }],
    });
    // The waypoint's service account has the Gateway's name, which no application may use.
    const accounts = everything.filter(({ object }) => object.kind === "ServiceAccount");
    expect(accounts.map(({ object }) => object.metadata.name)).not.toContain(
      waypoint?.metadata.name,
    );
  });

  test("have no HTTPRoute beside the VirtualService for reviews", () => {
    expect(everything.filter(({ object }) => object.kind === "HTTPRoute")).toEqual([]);
  });
});
