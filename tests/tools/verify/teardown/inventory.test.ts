import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { OciError } from "../../../../components/oke/oci/rest.js";
import { connectTo } from "../../../../components/kubeconfig/connect.js";
import { Access } from "../../../../tools/verify/cluster/access.js";
import { existingInventory } from "../../../../tools/verify/teardown/existing.js";
import { exitCode, renderInventory } from "../../../../tools/verify/teardown/leftovers.js";
import { kubectlFor, ociAt } from "../../../../tools/verify/teardown/commands.js";
import { ociInventory } from "../../../../tools/verify/teardown/oci.js";
import type { OciObject } from "../../../../tools/verify/teardown/oci-kinds.js";

const ours = { "oke-ambient-mesh-stack": "dev" };
const stack = { compartmentId: "ocid1.compartment.oc1..c", stack: "dev" };
/** OCI with these lists, by path; every other list is empty. */
const inventory = (lists: Record<string, OciObject[] | OciError>) =>
  ociInventory((_, path) => {
    const list = lists[path.split("?")[0] ?? ""] ?? [];
    return list instanceof OciError ? Promise.reject(list) : Promise.resolve(list);
  }, stack);
const kinds = ({ leftovers }: Awaited<ReturnType<typeof inventory>>) =>
  leftovers.map(({ kind, name }) => `${kind} ${name}`);

describe("what a stack has left in OCI", () => {
  test("is nothing: success", async () => {
    const empty = await inventory({});
    expect(exitCode(empty)).toBe(0);
    expect(renderInventory("stack dev", empty)).toBe("stack dev: nothing is left.\n");
  });

  test("counts objects with the stack's tag, and with no other", async () => {
    const found = await inventory({
      "/volumes": [
        { id: "v1", displayName: "mine", freeformTags: ours },
        { id: "v2", displayName: "theirs", freeformTags: { "oke-ambient-mesh-stack": "prod" } },
        { id: "v3", displayName: "untagged" },
      ],
    });
    expect(kinds(found)).toEqual(["block volume mine"]);
    expect(exitCode(found)).toBe(1);
  });

  test("does not count deleted objects that are still listed", async () => {
    const found = await inventory({
      "/clusters": [{ id: "c", name: "c", lifecycleState: "DELETED", freeformTags: ours }],
      "/instances": [{ id: "i", lifecycleState: "TERMINATED", freeformTags: ours }],
    });
    expect(found.leftovers).toEqual([]);
  });

  test("marks objects that are being deleted", async () => {
    const found = await inventory({
      "/loadBalancers": [{ id: "lb", lifecycleState: "DELETING", freeformTags: ours }],
    });
    expect(found.leftovers[0]?.going).toBe(true);
    expect(renderInventory("stack dev", found)).toContain("being deleted");
  });

  test("counts untagged objects in the stack's network, in the order of removal", async () => {
    const found = await inventory({
      "/vcns": [
        {
          id: "vcn",
          displayName: "net",
          freeformTags: ours,
          defaultRouteTableId: "rt",
          defaultSecurityListId: "sl",
        },
      ],
      "/subnets": [{ id: "s", displayName: "lbs", vcnId: "vcn" }],
      "/routeTables": [{ id: "rt", displayName: "default", vcnId: "vcn" }],
      "/securityLists": [{ id: "sl", displayName: "default", vcnId: "vcn" }],
      "/clusters": [{ id: "c", name: "cluster", vcnId: "vcn" }],
      "/nodePools": [{ id: "p", name: "pool", clusterId: "c" }],
      "/loadBalancers": [
        {
          id: "lb",
          displayName: "uid",
          subnetIds: ["s"],
          ipAddresses: [{ ipAddress: "10.0.0.4" }],
        },
        { id: "other", displayName: "other", subnetIds: ["elsewhere"] },
      ],
      "/privateIps": [
        { id: "ip1", vnicId: "n1", ipAddress: "10.0.0.4" },
        { id: "ip2", vnicId: "n2", ipAddress: "10.0.0.9" },
      ],
      "/vnicAttachments": [{ id: "a", instanceId: "worker" }],
    });
    expect(kinds(found)).toEqual([
      "load balancer uid",
      "node pool pool",
      "cluster cluster",
      "VNIC 10.0.0.9",
      "subnet lbs",
      "VCN net",
    ]);
    expect(found.leftovers.map(({ remove }) => remove)).toEqual([
      "oci lb load-balancer delete --load-balancer-id lb --force",
      "oci ce node-pool delete --node-pool-id p --force",
      "oci ce cluster delete --cluster-id c --force",
      "oci compute instance terminate --instance-id worker --force",
      "oci network subnet delete --subnet-id s --force",
      "oci network vcn delete --vcn-id vcn --force",
    ]);
    expect(found.leftovers[0]?.why).toBe("is in subnet lbs");
  });

  test("has commands with the checked region and profile", () => {
    expect(ociAt("oci network vcn delete --vcn-id v --force", "eu-zurich-1", "DEMO")).toBe(
      "oci network vcn delete --vcn-id v --force --region eu-zurich-1 --profile DEMO",
    );
  });

  test("reports what cannot be checked, which is not a success", async () => {
    const hidden = new OciError(404, "NotAuthorizedOrNotFound", "Authorization failed");
    const found = await inventory({ "/loadBalancers": hidden });
    expect(exitCode(found)).toBe(3);
    expect(renderInventory("stack dev", found)).toMatch(
      /nothing found, but not everything could be checked\.\n– not checked: load balancers: .*"inspect"/,
    );
  });
});

describe("what a stack has left in an existing cluster", () => {
  let server: Server;
  let objects: Record<string, unknown> = {};
  let access: Access;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const found = objects[(request.url ?? "").split("?")[0] ?? ""];
      response.statusCode = found === "forbidden" ? 403 : found ? 200 : 404;
      response.end(JSON.stringify(found === "forbidden" ? { message: "forbidden" } : found));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const cluster = { name: "c", cluster: { server: `http://127.0.0.1:${port}` } };
    const contexts = [{ name: "one", context: { cluster: "c" } }];
    const config = { "current-context": "one", clusters: [cluster], contexts };
    access = new Access(connectTo({ kubeconfig: JSON.stringify(config) }));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  const look = (present: Record<string, unknown>) => {
    objects = present;
    return existingInventory(access, "default");
  };
  const items = (...list: unknown[]) => ({ items: list });
  const certificate = (namespace: string) => ({
    metadata: { name: "istio-ca-root-cert", namespace },
  });
  const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

  test("is nothing: success, even with objects of others", async () => {
    const found = await look({
      "/api/v1/namespaces/default": { metadata: { name: "default", labels: { theirs: "yes" } } },
      [crds]: items({ metadata: { name: "gateways.gateway.networking.k8s.io" } }),
      "/apis/rbac.authorization.k8s.io/v1/clusterroles": items({
        metadata: { name: "x", annotations: { "meta.helm.sh/release-namespace": "monitoring" } },
      }),
      // The program's Kiali is in Istio's namespace.
      "/apis/apps/v1/namespaces/default/deployments/kiali": { metadata: { name: "kiali" } },
    });
    expect(found).toEqual({ leftovers: [], unchecked: [] });
  });

  test("names labels, webhooks, CRDs, objects, and namespaces, each with its command", async () => {
    const metadata = { labels: { "istio.io/dataplane-mode": "ambient" }, name: "default" };
    const release = {
      "meta.helm.sh/release-name": "istiod",
      "meta.helm.sh/release-namespace": "istio-system",
    };
    const managed = { "app.kubernetes.io/managed-by": "oke-ambient-mesh" };
    const found = await look({
      "/api/v1/namespaces/default": { metadata },
      "/api/v1/namespaces/istio-system": { metadata: { name: "istio-system" } },
      "/api/v1/configmaps": items(certificate("default"), certificate("istio-system")),
      "/apis/apps/v1/namespaces/default/deployments/reviews-v2": {
        metadata: { name: "reviews-v2" },
      },
      "/apis/gateway.networking.k8s.io/v1/namespaces/default/gateways/reviews-waypoint": {
        metadata: { name: "reviews-waypoint" },
      },
      "/apis/security.istio.io/v1/namespaces/default/authorizationpolicies/productpage-viewer": {
        metadata: { name: "productpage-viewer" },
      },
      "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations": items({
        metadata: { name: "istio-sidecar-injector", annotations: release },
      }),
      [crds]: items({ metadata: { name: "gateways.networking.istio.io", labels: managed } }),
      "/apis/rbac.authorization.k8s.io/v1/clusterroles": items({
        metadata: { name: "kiali", labels: managed },
      }),
      "/apis/apps/v1/namespaces/default/deployments/load": { metadata: { name: "load" } },
    });
    expect(found.leftovers.map(({ remove }) => remove).sort()).toEqual([
      "kubectl delete AuthorizationPolicy.security.istio.io productpage-viewer -n default",
      "kubectl delete ClusterRole kiali",
      "kubectl delete CustomResourceDefinition gateways.networking.istio.io",
      "kubectl delete Deployment.apps load -n default",
      "kubectl delete Deployment.apps reviews-v2 -n default",
      "kubectl delete Gateway.gateway.networking.k8s.io reviews-waypoint -n default",
      "kubectl delete MutatingWebhookConfiguration istio-sidecar-injector",
      "kubectl delete configmap istio-ca-root-cert -n default",
      "kubectl delete namespace istio-system",
      "kubectl label namespace default istio.io/dataplane-mode-",
    ]);
  });

  test("includes what istiod wrote into every namespace, unless another Istio may have", async () => {
    const certificates = items(certificate("default"), certificate("shop"));
    const removals = async (istiods: unknown) => {
      const found = await look({
        "/api/v1/configmaps": certificates,
        "/apis/apps/v1/deployments": istiods,
      });
      return found.leftovers.map(({ remove }) => remove);
    };
    expect(await removals(items())).toEqual([
      "kubectl delete configmap istio-ca-root-cert -n default",
      "kubectl delete configmap istio-ca-root-cert -n shop",
    ]);
    const another = { metadata: { name: "istiod", namespace: "istio-other" } };
    expect(await removals(items(another))).toEqual([
      "kubectl delete configmap istio-ca-root-cert -n default",
    ]);
  });

  test("has commands that reach the checked cluster, whatever kubectl's context", () => {
    expect(kubectlFor("local", undefined, "kind-mesh")).toBe("kubectl --context kind-mesh");
    expect(kubectlFor("local", "~/my files/config", "a b")).toBe(
      "kubectl --kubeconfig ~/'my files/config' --context 'a b'",
    );
    expect(kubectlFor("local", "apiVersion: v1\nkind: Config\n", "c")).toBe(
      "kubectl --kubeconfig <(pulumi config get --path existing.kubeconfig --stack local) --context c",
    );
  });

  test("has commands without encrypted settings, which ask Pulumi for them", () => {
    const get = (setting: string) => `pulumi config get --path ${setting} --stack local`;
    const all = () => true;
    const file = (setting: string) => setting === "existing.kubeconfig";
    const text = "apiVersion: v1\nkind: Config\n";
    expect(kubectlFor("local", "/srv/config", "c", all)).toBe(
      `kubectl --kubeconfig "$(${get("existing.kubeconfig")})" --context "$(${get("existing.context")})"`,
    );
    expect(kubectlFor("local", text, "c", file)).toBe(
      `kubectl --kubeconfig <(${get("existing.kubeconfig")})`,
    );
  });

  test("reports what cannot be read", async () => {
    const found = await look({ [crds]: "forbidden" });
    expect(found.unchecked).toEqual(["forbidden (HTTP 403)"]);
    expect(exitCode(found)).toBe(3);
  });
});
