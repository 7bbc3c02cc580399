import { describe, expect, test } from "@jest/globals";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";

import { inline } from "../../tools/automation/inline.js";
import { onOl8, run, tenancyOfFile, type Outcome } from "./oke.js";

const minutes = 60_000;
const tenancy = tenancyOfFile();

// An engine whose program ends early, and is not known to have failed, deletes what has not been registered.
describe("a stack that stands keeps all where an up", () => {
  async function expectNothingMoved(up: () => Promise<Outcome>, error: string): Promise<void> {
    await tenancy().at(onOl8());
    const before = tenancy().live();
    const outcome = await up();
    expect(outcome.error).toContain(error);
    expect(outcome.steps).toEqual({});
    expect(tenancy().live()).toEqual(before);
  }

  test.each([
    ["the first look at what there is", "/vcns"],
    ["what OKE offers", "/clusterOptions"],
    ["the cluster's kubeconfig", "/kubeconfig/content"],
  ])(
    "is refused %s",
    (_, path) =>
      expectNothingMoved(() => {
        const refusal = { status: 404, code: "NotAuthorizedOrNotFound", message: "no" };
        tenancy().cloud.faults.inject({ path, ...refusal, times: 100 });
        return tenancy().up(onOl8());
      }, "Allow group <group> to manage cluster-family"),
    2 * minutes,
  );

  test(
    "has a configuration that is refused",
    () =>
      expectNothingMoved(() => {
        const network = { apiAllowedCidrs: ["203.0.113.7/32"], vcnCidr: "10.9.0.0/16" };
        return tenancy().up(onOl8({ network }));
      }, "this stack's VCN has 10.0.0.0/16"),
    2 * minutes,
  );

  test(
    "has a program that takes the engine for gone",
    () => {
      const unavailable: PulumiFn = () =>
        Promise.reject(Object.assign(new Error("Resource monitor is terminating"), { code: 14 }));
      return expectNothingMoved(
        () => run((options) => tenancy().stack.up({ ...options, program: inline(unavailable) })),
        "The program did not complete: Resource monitor is terminating",
      );
    },
    2 * minutes,
  );
});
