import { describe, expect, test } from "@jest/globals";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";

import { inline } from "../../../tools/automation/inline.js";
import { onOl8, run, tenancyOfFile, type Outcome } from "../oke.js";

const minutes = 60_000;
const tenancy = tenancyOfFile();

// If a program ends early without a failure, the engine deletes the resources that it has not registered.
describe("a deployed stack keeps all its resources if an up", () => {
  async function expectNothingMoved(up: () => Promise<Outcome>, error: string): Promise<void> {
    await tenancy().at(onOl8());
    const before = tenancy().live();
    const outcome = await up();
    expect(outcome.error).toContain(error);
    expect(outcome.steps).toEqual({});
    expect(tenancy().live()).toEqual(before);
  }

  test.each([
    ["the list of existing networks", "/vcns"],
    ["the list of offered versions", "/clusterOptions"],
    ["the cluster's kubeconfig", "/kubeconfig/content"],
  ])(
    "is denied %s",
    (_, path) =>
      expectNothingMoved(() => {
        const refusal = { status: 404, code: "NotAuthorizedOrNotFound", message: "no" };
        tenancy().cloud.faults.inject({ path, ...refusal, times: 100 });
        return tenancy().up(onOl8());
      }, "Allow group <group> to manage cluster-family"),
    2 * minutes,
  );

  test(
    "has an invalid configuration",
    () =>
      expectNothingMoved(() => {
        const network = { apiAllowedCidrs: ["203.0.113.7/32"], vcnCidr: "10.9.0.0/16" };
        return tenancy().up(onOl8({ network }));
      }, "this stack's VCN has 10.0.0.0/16"),
    2 * minutes,
  );

  test(
    "has a program that assumes that the engine has ended",
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
