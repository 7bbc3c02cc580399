import { describe, expect, test } from "@jest/globals";

import { choose } from "../../../../components/oke/versions/choose.js";
import { shapeMissing } from "../../../../components/oke/shapes.js";
import { id, ol7, ol7platform, ol8, offer, wanted, all, refusal, versions } from "./offers.js";

describe("a first choice", () => {
  test("with 7.9 for 1.33.1 only takes the newest control plane, three minors ahead of it", () => {
    expect(choose(all, wanted())).toEqual({
      controlPlane: "v1.36.1",
      worker: "v1.33.1",
      imageId: id(ol7),
      keepControlPlane: true,
      keepWorker: true,
      chosenFor: "v1.36.1",
      warnings: [],
    });
  });

  test("skips a control plane four minors ahead", () => {
    const older = offer(["Oracle-Linux-7.9-2024.01.31-0-OKE-1.32.1-700"], {
      workers: [...versions, "v1.32.1"],
    });
    expect(choose(older, wanted()).controlPlane).toBe("v1.35.2");
  });

  test("with 8.10 takes workers as new as the control plane", () => {
    const choice = choose(all, wanted({ os: "8.10" }));
    expect([choice.controlPlane, choice.worker]).toEqual(["v1.36.1", "v1.36.1"]);
    expect(choice.imageId).toBe(id(ol8("1.36.1")));
  });

  test("skips a Kubernetes that Istio does not support", () => {
    const ahead = offer([ol8("1.37.0"), ol8("1.35.2")], {
      controlPlanes: [...versions, "v1.37.0"],
      workers: [...versions, "v1.37.0"],
    });
    expect(choose(ahead, wanted({ os: "8.10" }))).toMatchObject({
      controlPlane: "v1.36.1",
      worker: "v1.35.2",
    });
  });

  test("skips workers of 1.34.1, as Oracle advises", () => {
    const shaky = offer([ol8("1.34.1"), ol8("1.33.10")], {
      controlPlanes: ["v1.34.1"],
      workers: ["v1.34.1", "v1.33.10"],
    });
    expect(choose(shaky, wanted({ os: "8.10" })).worker).toBe("v1.33.10");
  });

  test("skips an image for a version that OKE no longer offers", () => {
    const withdrawn = offer([ol8("1.36.1"), ol8("1.35.2")], { workers: ["v1.35.2"] });
    expect(choose(withdrawn, wanted({ os: "8.10" })).worker).toBe("v1.35.2");
  });

  const platformOnly = (overrides: Parameters<typeof offer>[1] = {}) =>
    offer([ol7platform, "Oracle-Linux-7.9-2026.05.01-2", ol8("1.36.1")], overrides);

  test("uses platform images of 7.9 up to 1.33, with a warning and an alternative", () => {
    const choice = choose(platformOnly(), wanted());
    expect(choice).toMatchObject({
      controlPlane: "v1.36.1",
      worker: "v1.33.10",
      imageId: id(ol7platform),
    });
    expect(choice.warnings).toEqual([
      expect.stringMatching(
        /platform image Oracle-Linux-7\.9-2026\.07\.20-0.*v1\.33\.10.*longer.*unproven.*is for 1\.33\.\n.*pulumi config set --path nodes\.os 8\.10$/s,
      ),
    ]);
  });

  test("with platform images of 7.9 prefers an older control plane to workers of 1.34", () => {
    const workers = ["v1.32.1", "v1.34.2"];
    expect(choose(platformOnly({ workers }), wanted())).toMatchObject({
      controlPlane: "v1.35.2",
      worker: "v1.32.1",
    });
  });

  test("with platform images of 7.9 takes 1.34 if nothing older is offered, with a warning", () => {
    const choice = choose(platformOnly({ workers: ["v1.35.2", "v1.34.2"] }), wanted());
    expect(choice).toMatchObject({ controlPlane: "v1.36.1", worker: "v1.34.2" });
    expect(choice.warnings).toEqual([
      expect.stringMatching(/v1\.34\.2.*is for 1\.33, which is not offered here/s),
    ]);
  });

  test("with platform images of 8.10 takes the newest version below 1.35", () => {
    const choice = choose(offer(["Oracle-Linux-8.10-2026.06.30-0"]), wanted({ os: "8.10" }));
    expect(choice).toMatchObject({ controlPlane: "v1.36.1", worker: "v1.34.2" });
    expect(choice.warnings).toEqual([expect.stringMatching(/they take longer to join\.$/)]);
  });

  test("refuses platform images of 7.9 if all workers are 1.35 or newer", () => {
    const modern = offer([ol7platform, ol8("1.35.2")], { workers: ["v1.35.2", "v1.36.1"] });
    const message = refusal(() => choose(modern, wanted()));
    expect(message).toContain("Oracle Linux 7.9: platform image");
    expect(message).toContain("pulumi config set --path nodes.os 8.10");
  });

  test("skips an OKE image of 7.9 for 1.35, which would not start", () => {
    const impossible = offer(["Oracle-Linux-7.9-2026.01.01-0-OKE-1.35.2-900", ol8("1.35.2")]);
    expect(refusal(() => choose(impossible, wanted()))).toContain("nodes.os 8.10");
  });

  test("lists what is offered and the next command if there is no 7.9", () => {
    const message = refusal(() => choose(offer([ol8("1.36.1"), ol8("1.35.2")]), wanted()));
    expect(message).toContain("no x86_64 worker image of Oracle Linux 7.9");
    expect(message).toContain("  Oracle Linux 8.10: v1.36.1, v1.35.2");
    expect(message.match(/pulumi config set/g)).toHaveLength(1);
    expect(message).toContain("pulumi config set --path nodes.os 8.10");
    expect(message).not.toMatch(/GPU-|aarch64-/);
  });

  test("refuses an offer of only GPU and aarch64 images", () => {
    const message = refusal(() => choose(offer([]), wanted()));
    expect(message).toContain("Offered: only GPU and aarch64 images.");
    expect(message).toContain("nodes.imageId");
  });

  test.each([
    ["images", { sources: [] }],
    ["versions", { controlPlanes: [] }],
  ])("names the missing policy for an empty list of %s", (_, overrides) => {
    const message = refusal(() => choose(offer([ol7], overrides), wanted()));
    expect(message).toContain("Allow group <group> to manage cluster-family in compartment");
    expect(message).toContain("npm run doctor");
  });

  test("takes the version from the name of a configured image", () => {
    const named = choose(all, wanted({ imageId: id(ol8("1.35.2")) }));
    expect(named).toMatchObject({ controlPlane: "v1.36.1", worker: "v1.35.2", keepWorker: false });
    const unnamed = choose(all, wanted({ imageId: "ocid1.image.oc1..mine" }));
    expect(unnamed).toMatchObject({ worker: "v1.36.1", imageId: "ocid1.image.oc1..mine" });
  });
});

describe("a configured image without a configured version", () => {
  const versions = ["v1.36.1", "v1.35.2", "v1.34.1", "v1.32.1"];
  const named = (name: string, more: Parameters<typeof wanted>[0] = {}) =>
    choose(
      offer([ol8("1.36.1"), name], { controlPlanes: versions, workers: versions }),
      wanted({ imageId: id(name), ...more }),
    );

  test("gets the newest control plane that it fits", () => {
    expect(named(ol8("1.32.1"))).toMatchObject({ controlPlane: "v1.35.2", worker: "v1.32.1" });
  });

  test("gets the newest workers that it fits if it is a platform image", () => {
    expect(named("Oracle-Linux-8.10-2026.06.30-0")).toMatchObject({
      controlPlane: "v1.35.2",
      worker: "v1.32.1",
    });
  });

  test("gets workers up to 1.33 if it is a platform image of 7.9, even with an older control plane", () => {
    const older = [...versions, "v1.34.2"];
    const choice = choose(
      offer([ol7platform], { controlPlanes: older, workers: older }),
      wanted({ imageId: id(ol7platform) }),
    );
    expect(choice).toMatchObject({ controlPlane: "v1.35.2", worker: "v1.32.1", warnings: [] });
  });

  test.each([
    [ol8("1.34.1"), {}, "Oracle advises against workers of v1.34.1"],
    [ol8("1.30.1"), {}, "workers of v1.30.1 are more than three minors behind"],
    [ol8("1.33.1"), {}, "OKE no longer offers workers of v1.33.1"],
    [
      "Oracle-Linux-7.9-2026.01.01-0-OKE-1.35.2-900",
      {},
      "Oracle Linux 7 supports only workers below",
    ],
    ["Oracle-Linux-8.10-aarch64-2026.06.15-0-OKE-1.36.1-1505", {}, "nodes.shape is x86_64"],
    [ol8("1.35.2"), { kubernetesVersion: "v1.34.1" }, "workers of v1.35.2 are newer than"],
  ])("%s with %j is refused", (name, more, why) => {
    const message = refusal(() => named(name, more));
    expect(message).toContain(`nodes.imageId = ${id(name)}: it does not fit`);
    expect(message).toContain(why);
    expect(message).toMatch(/ {2}Oracle Linux 8\.10: .*v1\.36\.1/);
    expect(message).toContain("pulumi config rm --path nodes.imageId");
  });
});

describe("a configured version", () => {
  test("is used for control plane and workers if there is an image", () => {
    const choice = choose(all, wanted({ os: "8.10", kubernetesVersion: "v1.34.2" }));
    expect(choice).toMatchObject({
      controlPlane: "v1.34.2",
      worker: "v1.34.2",
      keepControlPlane: false,
      keepWorker: false,
    });
  });

  test("is refused with the offered versions and the next command", () => {
    const message = refusal(() => choose(all, wanted({ kubernetesVersion: "v1.34.0" })));
    expect(message).toContain("v1.36.1, v1.35.2, v1.34.2, v1.33.10, v1.33.1");
    expect(message).toContain("pulumi config set kubernetesVersion v1.36.1");
  });

  test("is refused with the next command if it has no image of the release", () => {
    const noImage = offer([ol8("1.34.2")]);
    expect(refusal(() => choose(noImage, wanted({ kubernetesVersion: "v1.34.2" })))).toContain(
      "nodes.os 8.10",
    );
  });
});

test("a shape that the region lacks is refused with those it has and the next command", () => {
  const { message } = shapeMissing("VM.Standard.E4.Flex", [
    "VM.Standard.E5.Flex",
    "VM.Standard.A1.Flex",
    "VM.GPU.A10.1",
  ]);
  expect(message).toContain("Offered flexible x86_64 shapes: VM.Standard.E5.Flex.");
  expect(message).toContain("pulumi config set --path nodes.shape VM.Standard.E5.Flex");
});
