import { describe, expect, jest, test } from "@jest/globals";

import { buildPlans } from "../../../../tools/plan/build.js";
import { opened } from "../../../../tools/plan/rules/opened.js";
import { guardRails } from "../../../../tools/plan/rules/index.js";
import { override, readStack } from "../../../../tools/plan/stack-config.js";
import { broken, entry, plan } from "../entries.js";

jest.setTimeout(120_000);

const role = (rule: object) =>
  plan([
    entry("kiali", "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", {
      inputs: { rules: [rule] },
    }),
  ]);

describe("roles only read", () => {
  const rule = "roles only read";
  const verbs = ["get", "list", "watch"];

  test("allows reading what is named", () => {
    expect(broken(rule, role({ apiGroups: [""], resources: ["pods"], verbs }))).toEqual([]);
    const istio = { apiGroups: ["networking.istio.io"], resources: ["*"], verbs };
    expect(broken(rule, role(istio))).toEqual([]);
  });

  test.each(["patch", "create", "delete", "update", "*"])("rejects %s", (verb) => {
    const rules = { apiGroups: ["apps"], resources: ["deployments"], verbs: [...verbs, verb] };
    expect(broken(rule, role(rules))).toEqual([
      `kiali: may ${verb} deployments; allow get, list, watch`,
    ]);
  });

  test.each([
    ["by name", { apiGroups: [""], resources: ["secrets"], verbs }],
    ["as everything", { apiGroups: [""], resources: ["*"], verbs }],
  ])("rejects reading Secrets %s", (_, rules) => {
    expect(broken(rule, role(rules))).toEqual([expect.stringContaining("may read Secrets")]);
  });
});

describe("only the gateway is reached from outside", () => {
  const rule = "only the gateway is reached from outside";
  const service = (spec: object) =>
    plan([entry("kiali", "kubernetes:core/v1:Service", { inputs: { spec } })]);

  test("allows Services inside the cluster, and the gateway's", () => {
    expect(broken(rule, service({ type: "ClusterIP" }))).toEqual([]);
    expect(broken(rule, service({}))).toEqual([]);
    const gateway = { type: "LoadBalancer", selector: { istio: "ingressgateway" } };
    expect(broken(rule, service(gateway))).toEqual([]);
  });

  test.each(["LoadBalancer", "NodePort"])("rejects a Service of type %s", (type) => {
    expect(broken(rule, service({ type }))).toEqual([
      `kiali: is a Service of type ${type}; expected ClusterIP`,
    ]);
  });

  test("rejects an Ingress", () => {
    const ingress = entry("kiali", "kubernetes:networking.k8s.io/v1:Ingress");
    expect(broken(rule, plan([ingress]))).toEqual(["kiali: opens a way into the cluster"]);
  });
});

test("stack dev with observability and load follows every rule", async () => {
  const read = override(readStack("dev"), ["observability=true", "load=5"]);
  const { variants } = await buildPlans(read);
  const found = variants.flatMap((variant) =>
    guardRails.flatMap((rail) => rail.check(rail.seesSecrets ? opened(variant) : variant)),
  );
  expect(found).toEqual([]);
});
