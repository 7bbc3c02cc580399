import { describe, expect, test } from "@jest/globals";

import { nodePoolAdvice, ociAdvice } from "../../../components/oke/oci/advice.js";
import { describeUpgrade } from "../../../components/oke/versions/upgrade.js";
import type { Choice, RunningCluster } from "../../../components/oke/versions/types.js";

const request = {
  shape: "VM.Standard.E4.Flex",
  availabilityDomains: ["Uocm:PHX-AD-1", "Uocm:PHX-AD-2"],
};
const workRequest = (message: string) =>
  `Work Request error\nService: Containerengine Node Pool\nError Message: work request did not succeed, workId: ocid1.clustersworkrequest.oc1.iad.a, entity: nodepool, action: CREATED. Message: ${message}`;

describe("advice about a failed node pool", () => {
  test("names shape, domains and alternatives if capacity is lacking", () => {
    const advice = nodePoolAdvice(
      [
        workRequest(
          "2 node(s) launch failure. Reason for failure on one of the nodes : (500, InternalError, false) Out of host capacity.",
        ),
      ],
      request,
    );
    // OCI does not report that it tried all of them.
    expect(advice).toContain(
      "no capacity for VM.Standard.E4.Flex, but does not report where; the pool may be placed in Uocm:PHX-AD-1, Uocm:PHX-AD-2.",
    );
    expect(advice).toContain("pulumi config set --path nodes.shape VM.Standard.E5.Flex");
    expect(advice).toContain("pulumi config set --path nodes.ocpus 1");
  });

  test("names the domain that OCI names", () => {
    const advice = nodePoolAdvice(["Out of host capacity in Uocm:PHX-AD-2."], {
      ...request,
      shape: "VM.Standard.E5.Flex",
    });
    expect(advice).toContain("VM.Standard.E5.Flex in Uocm:PHX-AD-2.");
    expect(advice).toContain("nodes.shape VM.Standard.E4.Flex");
  });

  test("recommends the doctor for a limit", () => {
    expect(nodePoolAdvice(["400-LimitExceeded, standard-e4-core-count"], request)).toMatch(
      /limit for VM\.Standard\.E4\.Flex is reached.*npm run doctor/s,
    );
  });

  test("names image and rules if workers never joined", () => {
    expect(nodePoolAdvice([workRequest("1 nodes(s) register timeout.")], request)).toMatch(
      /never joined.*nodes\.os.*pulumi refresh --diff/s,
    );
  });

  test("is absent for an unknown error", () => {
    expect(nodePoolAdvice(["400-InvalidParameter"], request)).toBeUndefined();
  });
});

describe("advice about a failed resource in OCI", () => {
  const advise = ociAdvice("the network");

  test("names policies, the doctor and the refresh if permission is lacking", () => {
    expect(advise(["404-NotAuthorizedOrNotFound, Authorization failed"])).toMatch(
      /permission for the network in .*\(compartmentId\).*manage virtual-network-family.*npm run doctor.*pulumi refresh; if the cluster was deleted: PULUMI_K8S_DELETE_UNREACHABLE=true pulumi refresh$/s,
    );
  });

  test("names the doctor and the console for a limit", () => {
    expect(advise(["400-LimitExceeded, vcn-count"])).toMatch(
      /limit for the network is reached.*npm run doctor.*Governance, Limits/s,
    );
  });

  test("is absent for another reason", () => {
    expect(advise(["500-InternalError"])).toBeUndefined();
  });
});

describe("the preview of an upgrade", () => {
  const running: RunningCluster = {
    controlPlane: "v1.34.2",
    upgrades: [],
    pool: { kubernetes: "v1.34.2", imageId: "a", imageName: "Oracle-Linux-8.10-…-1.34.2" },
  };
  const choice = (change: Partial<Choice>): Choice => ({
    controlPlane: "v1.34.2",
    worker: "v1.34.2",
    imageId: "a",
    keepControlPlane: false,
    keepWorker: false,
    warnings: [],
    ...change,
  });
  const next = choice({ controlPlane: "v1.35.2", worker: "v1.35.2", imageId: "b" });

  test("reports nothing for a new stack or without a change", () => {
    expect(describeUpgrade(choice({}), running, "basic")).toEqual([]);
    expect(describeUpgrade(next, undefined, "basic")).toEqual([]);
  });

  test("reports the control plane first, then a new pool on a basic cluster", () => {
    expect(describeUpgrade(next, running, "basic")).toEqual([
      expect.stringMatching(/control plane is upgraded in place from v1\.34\.2 to v1\.35\.2/),
      expect.stringMatching(
        /Kubernetes v1\.34\.2 to v1\.35\.2, image .*a new pool is created, then the old one is drained/,
      ),
    ]);
  });

  test("reports cycling in place on an enhanced cluster", () => {
    expect(describeUpgrade(choice({ imageId: "b" }), running, "enhanced")).toEqual([
      expect.stringMatching(/image Oracle-Linux-8\.10.*in place, one after the other/),
    ]);
  });
});
