import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import type { KubernetesObject } from "../../../components/resources/manifest.js";
import { locate, mergeValues, releaseAdvice } from "../../../components/mesh/chart.js";
import { asRegistered } from "../../../components/mesh/definitions.js";
import {
  definitionsAt,
  digestOf,
  GatewayApiError,
  loadGatewayApi,
  parseBundleSpec,
} from "../../../components/mesh/gateway-api-bundle.js";
import { pinnedBundles } from "../../../components/mesh/gateway-api-pins.js";
import {
  addressAdvice,
  IngressGateway,
  ociLoadBalancer,
} from "../../../components/mesh/ingress-gateway.js";
import { record } from "../../../tools/plan/recording/record.js";

describe("a reference to a chart in", () => {
  test.each([
    [
      "a Helm repository",
      "https://charts.example/istio/",
      { chart: "cni", version: "1.31.1", repositoryOpts: { repo: "https://charts.example/istio" } },
    ],
    [
      "an OCI registry",
      "oci://registry.example/charts",
      { chart: "oci://registry.example/charts/cni", version: "1.31.1" },
    ],
    ["a folder", "/opt/charts/", { chart: "/opt/charts/cni" }],
    ["a folder beside the program", "./charts", { chart: "./charts/cni" }],
  ])("%s", (_, repository, expected) => {
    expect(locate(repository, "cni", "1.31.1")).toEqual(expected);
  });
});

describe("advice about a release that an interrupted operation left in Helm", () => {
  const advise = releaseAdvice("istio-cni");

  test.each([
    ["Helm 3's error", "cannot re-use a name that is still in use"],
    ["Helm 4's", "INSTALLATION FAILED: cannot reuse a name that is still in use"],
  ])("names the release and both commands for %s", (_, error) => {
    expect(advise([error])).toMatch(
      /release istio-cni in istio-system.*pulumi destroy.*\bhelm uninstall istio-cni -n istio-system, then pulumi up\. Repeat/s,
    );
  });

  test("recommends a rollback after an interrupted upgrade", () => {
    expect(advise(["another operation (install/upgrade/rollback) is in progress"])).toMatch(
      /release istio-cni in istio-system .*helm history istio-cni .*helm rollback istio-cni -n istio-system, then pulumi up$/s,
    );
  });

  test("does not apply to other errors", () => {
    expect(advise(["timed out waiting for the condition"])).toBe(undefined);
  });
});

test("advice about a load balancer without an address names the reason's command and the other type", () => {
  const error = "Service istio-ingressgateway: timed out waiting for the condition";
  expect(addressAdvice([error])).toMatch(
    /got no address.*kubectl describe service istio-ingressgateway -n istio-system.*serviceType NodePort$/s,
  );
  expect(addressAdvice(["forbidden"])).toBeUndefined();
});

test("mergeValues merges trees and replaces lists, strings and null", () => {
  const ours = {
    global: { hub: "a", tag: "1" },
    list: [1, 2],
    resources: { requests: { cpu: "1" } },
  };
  const theirs = { global: { tag: "2" }, list: [3], resources: null, more: { deep: true } };
  expect(mergeValues(ours, theirs)).toEqual({
    global: { hub: "a", tag: "2" },
    list: [3],
    resources: null,
    more: { deep: true },
  });
  expect(ours.global.tag).toBe("1");
});

describe("the ingress gateway's address", () => {
  type ServiceType = "LoadBalancer" | "NodePort" | "ClusterIP";

  /** Returns the address for a Service with these outputs. */
  async function address(serviceType: ServiceType, service: Record<string, unknown>) {
    const program = async () => {
      const istiod = new pulumi.ComponentResource("test:index:Istiod", "istiod");
      const source = { chartRepository: "/opt/charts", version: "1.31.1" };
      const args = { ...source, namespace: "istio-system", serviceType, istiod, workers: [] };
      const gateway = new IngressGateway("way-in", args);
      return { address: gateway.address };
    };
    const outputs = { "way-in-load-balancer": service };
    return (await record({}, { program, outputs })).outputs["address"];
  }
  const balancer = (...ingress: object[]) => ({ status: { loadBalancer: { ingress } } });
  const ports = (port: object) => ({ spec: { ports: [{ name: "http2", port: 80, ...port }] } });

  test.each([
    ["is a load balancer's", "LoadBalancer", balancer({ ip: "192.0.2.7" }), "192.0.2.7"],
    [
      "is a load balancer's name",
      "LoadBalancer",
      balancer({ hostname: "lb.example" }),
      "lb.example",
    ],
    ["is pending without an address", "LoadBalancer", balancer(), "<pending>"],
    [
      "is pending after the wait timed out",
      "LoadBalancer",
      { status: { loadBalancer: {} } },
      "<pending>",
    ],
    ["is pending without a status", "LoadBalancer", { status: null }, "<pending>"],
    [
      "is any node's, at the Service's port",
      "NodePort",
      ports({ nodePort: 30_080 }),
      "<node>:30080",
    ],
    ["has a placeholder for an unknown port", "NodePort", ports({}), "<node>:<port>"],
    [
      "is a name in the cluster",
      "ClusterIP",
      {},
      "istio-ingressgateway.istio-system.svc.cluster.local",
    ],
  ] as const)("%s", async (_, type, service, expected) => {
    expect(await address(type, service)).toBe(expected);
  });
});

test("the load balancer on OCI is the smallest, edits no security lists and has the stack's tags", () => {
  const annotations = ociLoadBalancer({ "managed-by": "oke-ambient-mesh" });
  const key = "service.beta.kubernetes.io/oci-load-balancer";
  expect(annotations).toMatchObject({
    [`${key}-shape`]: "flexible",
    [`${key}-shape-flex-min`]: "10",
    [`${key}-shape-flex-max`]: "10",
    [`${key}-security-list-management-mode`]: "None",
  });
  expect(
    JSON.parse(annotations["oci.oraclecloud.com/initial-freeform-tags-override"] ?? ""),
  ).toEqual({
    "managed-by": "oke-ambient-mesh",
  });
});

describe("the Gateway API's bundle", () => {
  const crd = (name: string): KubernetesObject => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name,
      annotations: { "gateway.networking.k8s.io/bundle-version": "v9.9.9" },
    },
    spec: { group: "gateway.networking.k8s.io", versions: [{ name: "v1", served: true }] },
  });
  const gateways = crd("gateways.gateway.networking.k8s.io");
  const classes = crd("gatewayclasses.gateway.networking.k8s.io");
  const policy = { ...crd("safe-upgrades"), kind: "ValidatingAdmissionPolicy" };
  const yaml = (...objects: KubernetesObject[]) =>
    objects.map((object) => `---\n${JSON.stringify(object)}\n`).join("");
  const digest = digestOf([gateways, classes]);

  let home: string;
  let folder: string;
  let file: string;
  const { XDG_CACHE_HOME } = process.env;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "gateway-api-"));
    process.env["XDG_CACHE_HOME"] = join(home, "cache");
    folder = join(home, "crds");
    file = join(home, "install.yaml");
    await mkdir(folder);
    await writeFile(join(folder, "a.yaml"), yaml(gateways));
    await writeFile(join(folder, "b.yaml"), yaml(classes, policy));
    await writeFile(file, yaml(policy, gateways, classes));
  });
  afterAll(async () => {
    if (XDG_CACHE_HOME === undefined) delete process.env["XDG_CACHE_HOME"];
    else process.env["XDG_CACHE_HOME"] = XDG_CACHE_HOME;
    await rm(home, { recursive: true });
  });

  test("the digest does not depend on the order of definitions or keys", () => {
    const turned = { ...Object.fromEntries(Object.entries(gateways).reverse()) } as typeof gateways;
    expect(digestOf([classes, turned])).toBe(digest);
    expect(digestOf([gateways])).not.toBe(digest);
  });

  test.each([
    ["a file", () => file],
    ["a folder", () => folder],
    ["a file: URL", () => pathToFileURL(file).href],
  ])("%s yields only the definitions, sorted, and is cached by its digest", async (_, location) => {
    const cache = join(home, "cache/oke-ambient-mesh/gateway-api");
    await rm(cache, { recursive: true, force: true });
    const bundle = await loadGatewayApi(`${location()}#sha256=${digest}`);
    expect(bundle).toEqual({ version: "v9.9.9", digest, crds: [classes, gateways] });
    expect(await readdir(cache)).toEqual([`${digest}.json`]);
  });

  test("a cached bundle is not fetched again unless it is damaged", async () => {
    await loadGatewayApi(`${file}#sha256=${digest}`);
    const nowhere = join(home, "nowhere.yaml");
    expect((await loadGatewayApi(`${nowhere}#sha256=${digest}`))?.crds).toHaveLength(2);
    await writeFile(join(home, "cache/oke-ambient-mesh/gateway-api", `${digest}.json`), "[]");
    await expect(loadGatewayApi(`${nowhere}#sha256=${digest}`)).rejects.toThrow(/nowhere\.yaml/);
    expect((await loadGatewayApi(`${file}#sha256=${digest}`))?.crds).toHaveLength(2);
  });

  test("another digest is refused with the command that accepts it", async () => {
    const other = createHash("sha256").update("other").digest("hex");
    const loading = loadGatewayApi(`${folder}#sha256=${other}`);
    await expect(loading).rejects.toThrow(GatewayApiError);
    await expect(loading).rejects.toThrow(`mesh.gatewayApi '${folder}#sha256=${digest}'`);
  });

  test("a bundle without definitions is refused", async () => {
    await writeFile(join(home, "policy.yaml"), yaml(policy));
    const spec = `${join(home, "policy.yaml")}#sha256=${"0".repeat(64)}`;
    await expect(loadGatewayApi(spec)).rejects.toThrow(
      /contains no CustomResourceDefinition of the Gateway API/,
    );
  });

  test("a List as kubectl prints it yields the same definitions, without others", async () => {
    const stored = [gateways, classes, crd("certificates.cert-manager.io")].map((object) => ({
      ...object,
      metadata: {
        ...object.metadata,
        uid: "1",
        resourceVersion: "7",
        generation: 1,
        creationTimestamp: "2026-01-01T00:00:00Z",
      },
      status: { conditions: [] },
    }));
    const list = { apiVersion: "v1", kind: "List", metadata: { resourceVersion: "" } };
    await writeFile(join(home, "list.yaml"), JSON.stringify({ ...list, items: stored }));
    expect(digestOf(await definitionsAt(join(home, "list.yaml")))).toBe(digest);
    const untyped = stored.map(({ metadata, spec }) => ({ metadata, spec }));
    const typed = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinitionList" };
    await writeFile(join(home, "typed.yaml"), JSON.stringify({ ...typed, items: untyped }));
    expect(digestOf(await definitionsAt(join(home, "typed.yaml")))).toBe(digest);
  });

  test("a folder with a kustomization yields its resources", async () => {
    const base = join(home, "kustomized");
    await mkdir(join(base, "more"), { recursive: true });
    await writeFile(join(base, "gateways.yaml"), yaml(gateways));
    await writeFile(join(base, "unused.yaml"), yaml(crd("unused.gateway.networking.k8s.io")));
    await writeFile(join(base, "more", "classes.yaml"), yaml(classes));
    const kustomization = (resources: string[], more = {}) =>
      writeFile(join(base, "kustomization.yaml"), JSON.stringify({ resources, ...more }));
    await kustomization(["gateways.yaml", "./more"]);
    expect(digestOf(await definitionsAt(base))).toBe(digest);
    await kustomization(["gateways.yaml", "more"], { patches: [] });
    await expect(definitionsAt(base)).rejects.toThrow(
      /kustomization\.yaml has patches\. Build it first: kubectl kustomize /,
    );
    await kustomization(["github.com/kubernetes-sigs/gateway-api/config/crd?ref=v1.6.0"]);
    await expect(definitionsAt(base)).rejects.toThrow(/which only kustomize fetches\. Build it/);
  });

  test.each<[string, KubernetesObject[], RegExp]>([
    ["in part", [crd("tcproutes.gateway.networking.k8s.io")], /gatewayclasses and gateways in v1/],
    [
      "too old",
      [gateways, classes].map((object) => ({
        ...object,
        spec: { versions: [{ name: "v1beta1" }] },
      })),
      /gatewayclasses and gateways in v1.*It contains: gateways, gatewayclasses/,
    ],
  ])("a bundle %s is refused with what it lacks", async (_, objects, words) => {
    await writeFile(join(home, "part.yaml"), yaml(...objects));
    await expect(definitionsAt(join(home, "part.yaml"))).rejects.toThrow(words);
    const spec = `${join(home, "part.yaml")}#sha256=${digestOf(objects)}`;
    await expect(loadGatewayApi(spec)).rejects.toThrow(words);
  });

  test("existing loads nothing; an unknown value is refused with the valid ones", async () => {
    await expect(loadGatewayApi("existing")).resolves.toBeUndefined();
    expect(() => parseBundleSpec("v0.1.0")).toThrow(/"v0\.1\.0".*v1\.6\.0.*existing.*#sha256=/s);
    expect(() => parseBundleSpec("./crds")).toThrow(GatewayApiError);
  });

  test("a pinned version has the URL of its release and a digest", () => {
    const request = parseBundleSpec("v1.6.0");
    expect(request?.location).toContain("/releases/download/v1.6.0/standard-install.yaml");
    expect(request?.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(pinnedBundles["v1.6.0"]?.names).toHaveLength(10);
  });
});

test("definitions are registered with the program's label and without descriptions", () => {
  const schema = {
    description: "What it is.",
    properties: { description: { type: "string", description: "A property of that name." } },
  };
  const [definition] = asRegistered([
    {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "things.example", annotations: { description: "An annotation." } },
      spec: { versions: [{ name: "v1", schema: { openAPIV3Schema: schema } }] },
    },
  ]);
  expect(definition).toEqual({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: "things.example",
      annotations: { description: "An annotation." },
      labels: { "app.kubernetes.io/managed-by": "oke-ambient-mesh" },
    },
    spec: {
      versions: [
        {
          name: "v1",
          schema: { openAPIV3Schema: { properties: { description: { type: "string" } } } },
        },
      ],
    },
  });
});

test("definitions are registered without fields that the API server drops", () => {
  const live = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "things.example", annotations: {}, creationTimestamp: null, generation: 1 },
    spec: { group: "example" },
    status: { conditions: [], storedVersions: ["v1"] },
  } as unknown as KubernetesObject;
  expect(asRegistered([live])).toEqual([
    {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: {
        name: "things.example",
        labels: { "app.kubernetes.io/managed-by": "oke-ambient-mesh" },
      },
      spec: { group: "example" },
    },
  ]);
});
