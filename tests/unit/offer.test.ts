import { describe, expect, test } from "@jest/globals";
import { RunError } from "@pulumi/pulumi";

import { compareVersions, istioSupports, minorOf } from "../../components/compatibility.js";
import { newest, parseImage } from "../../components/oke/image.js";
import { choose } from "../../components/oke/offer.js";
import type { Offer, Running, Wanted } from "../../components/oke/offer.js";
import { shapeMissing } from "../../components/oke/offer-errors.js";

const source = (sourceName: string) => ({ sourceName, imageId: `ocid1.image.oc1..${sourceName}` });
const id = (sourceName: string) => source(sourceName).imageId;

const ol7 = "Oracle-Linux-7.9-2025.01.31-0-OKE-1.33.1-764";
const ol7platform = "Oracle-Linux-7.9-2026.07.20-0";
const ol8 = (version: string, date = "2026.06.15", build = 1505) =>
  `Oracle-Linux-8.10-${date}-0-OKE-${version}-${build}`;
const others = [
  "Oracle-Linux-9.7-Gen2-GPU-2026.06.15-0-OKE-1.36.1-1505",
  "Oracle-Linux-9.7-aarch64-2026.06.15-0-OKE-1.36.1-1505",
  "Oracle-Linux-8.10-aarch64-2026.08.14-0-OKE-1.36.1-1820",
  "Oracle-Linux-7.9-Gen2-GPU-2025.01.31-0-OKE-1.33.1-764",
];
const versions = ["v1.35.2", "v1.33.1", "v1.36.1", "v1.34.2", "v1.33.10"];

function offer(names: string[], overrides: Partial<Offer> = {}): Offer {
  return {
    compartmentId: "ocid1.compartment.oc1..c",
    controlPlanes: versions,
    workers: versions,
    sources: [...others, ...names].map(source),
    ...overrides,
  };
}

const wanted = (overrides: Partial<Wanted> = {}): Wanted => ({
  os: "7.9",
  istio: "1.31.1",
  ...overrides,
});

const all = offer([
  ol7,
  ol7platform,
  ...["1.33.10", "1.36.1", "1.35.2", "1.34.2"].map((v) => ol8(v)),
]);

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (RunError.isInstance(error)) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("a first choice", () => {
  test("7.9 for 1.33.1 only: the newest control plane that is three minors ahead of it", () => {
    expect(choose(all, wanted())).toEqual({
      controlPlane: "v1.36.1",
      worker: "v1.33.1",
      imageId: id(ol7),
      keepControlPlane: true,
      keepWorker: true,
      warnings: [],
    });
  });

  test("a control plane four minors ahead is passed over", () => {
    const older = offer(["Oracle-Linux-7.9-2024.01.31-0-OKE-1.32.1-700"], {
      workers: [...versions, "v1.32.1"],
    });
    expect(choose(older, wanted()).controlPlane).toBe("v1.35.2");
  });

  test("8.10: workers as new as the control plane", () => {
    const choice = choose(all, wanted({ os: "8.10" }));
    expect([choice.controlPlane, choice.worker]).toEqual(["v1.36.1", "v1.36.1"]);
    expect(choice.imageId).toBe(id(ol8("1.36.1")));
  });

  test("a Kubernetes that Istio does not support is passed over", () => {
    const ahead = offer([ol8("1.37.0"), ol8("1.35.2")], {
      controlPlanes: [...versions, "v1.37.0"],
      workers: [...versions, "v1.37.0"],
    });
    expect(choose(ahead, wanted({ os: "8.10" }))).toMatchObject({
      controlPlane: "v1.36.1",
      worker: "v1.35.2",
    });
  });

  test("workers of 1.34.1 are passed over, as Oracle advises", () => {
    const shaky = offer([ol8("1.34.1"), ol8("1.33.10")], {
      controlPlanes: ["v1.34.1"],
      workers: ["v1.34.1", "v1.33.10"],
    });
    expect(choose(shaky, wanted({ os: "8.10" })).worker).toBe("v1.33.10");
  });

  test("an image for a version that workers can't have any more is passed over", () => {
    const withdrawn = offer([ol8("1.36.1"), ol8("1.35.2")], { workers: ["v1.35.2"] });
    expect(choose(withdrawn, wanted({ os: "8.10" })).worker).toBe("v1.35.2");
  });

  test("platform images of 7.9 only: taken below 1.35, with a warning", () => {
    const choice = choose(offer([ol7platform, "Oracle-Linux-7.9-2026.05.01-2"]), wanted());
    expect(choice).toMatchObject({
      controlPlane: "v1.36.1",
      worker: "v1.34.2",
      imageId: id(ol7platform),
    });
    expect(choice.warnings).toEqual([
      expect.stringMatching(/platform image Oracle-Linux-7\.9-2026\.07\.20-0.*v1\.34\.2.*longer/),
    ]);
  });

  test("platform images of 7.9 only: refused where all workers are 1.35 or newer", () => {
    const modern = offer([ol7platform, ol8("1.35.2")], { workers: ["v1.35.2", "v1.36.1"] });
    const message = refusal(() => choose(modern, wanted()));
    expect(message).toContain("Oracle Linux 7.9: platform image");
    expect(message).toContain("pulumi config set --path nodes.os 8.10");
  });

  test("an OKE image of 7.9 for 1.35 would not start, so it does not count", () => {
    const impossible = offer(["Oracle-Linux-7.9-2026.01.01-0-OKE-1.35.2-900", ol8("1.35.2")]);
    expect(refusal(() => choose(impossible, wanted()))).toContain("nodes.os 8.10");
  });

  test("no 7.9 at all: what is offered, and the one command that goes on", () => {
    const message = refusal(() => choose(offer([ol8("1.36.1"), ol8("1.35.2")]), wanted()));
    expect(message).toContain("no x86_64 worker image of Oracle Linux 7.9");
    expect(message).toContain("  Oracle Linux 8.10: v1.36.1, v1.35.2");
    expect(message.match(/pulumi config set/g)).toHaveLength(1);
    expect(message).toContain("pulumi config set --path nodes.os 8.10");
    expect(message).not.toMatch(/GPU-|aarch64-/);
  });

  test("only GPU and aarch64", () => {
    const message = refusal(() => choose(offer([]), wanted()));
    expect(message).toContain("Offered: only GPU and aarch64 images.");
    expect(message).toContain("nodes.imageId");
  });

  test.each([
    ["images", { sources: [] }],
    ["versions", { controlPlanes: [] }],
  ])("an empty list of %s: the policy that is missing", (_, overrides) => {
    const message = refusal(() => choose(offer([ol7], overrides), wanted()));
    expect(message).toContain("Allow group <group> to manage cluster-family in compartment");
    expect(message).toContain("npm run doctor");
  });

  test("an image of one's own says its version where its name does", () => {
    const named = choose(all, wanted({ imageId: id(ol8("1.35.2")) }));
    expect(named).toMatchObject({ controlPlane: "v1.36.1", worker: "v1.35.2", keepWorker: false });
    const unnamed = choose(all, wanted({ imageId: "ocid1.image.oc1..mine" }));
    expect(unnamed).toMatchObject({ worker: "v1.36.1", imageId: "ocid1.image.oc1..mine" });
  });
});

describe("a named version", () => {
  test("is taken for both, where there is an image", () => {
    const choice = choose(all, wanted({ os: "8.10", kubernetesVersion: "v1.34.2" }));
    expect(choice).toMatchObject({
      controlPlane: "v1.34.2",
      worker: "v1.34.2",
      keepControlPlane: false,
      keepWorker: false,
    });
  });

  test("that is not offered: which are, and the command", () => {
    const message = refusal(() => choose(all, wanted({ kubernetesVersion: "v1.34.0" })));
    expect(message).toContain("v1.36.1, v1.35.2, v1.34.2, v1.33.10, v1.33.1");
    expect(message).toContain("pulumi config set kubernetesVersion v1.36.1");
  });

  test("without an image of the release: which there are", () => {
    const noImage = offer([ol8("1.34.2")]);
    expect(refusal(() => choose(noImage, wanted({ kubernetesVersion: "v1.34.2" })))).toContain(
      "nodes.os 8.10",
    );
  });
});

describe("a stack that runs", () => {
  const running: Running = {
    controlPlane: "v1.35.2",
    upgrades: ["v1.36.1"],
    pool: { kubernetes: "v1.35.2", imageId: id(ol8("1.35.2")), imageName: ol8("1.35.2") },
  };
  const kept = {
    controlPlane: "v1.35.2",
    worker: "v1.35.2",
    imageId: id(ol8("1.35.2")),
    keepControlPlane: true,
    keepWorker: true,
    warnings: [],
  };

  test("keeps what it has when a newer image is offered", () => {
    const newer = offer([ol8("1.36.1"), ol8("1.35.2", "2026.09.01", 1900)]);
    expect(choose(newer, wanted({ os: "8.10" }), running)).toEqual(kept);
  });

  test.each([
    ["its image", offer([ol8("1.36.1")])],
    ["its versions", offer([ol8("1.36.1")], { controlPlanes: ["v1.36.1"], workers: ["v1.36.1"] })],
    ["everything", offer([], { controlPlanes: [], workers: [], sources: [] })],
  ])("keeps what it has when the offer of %s was withdrawn", (_, withdrawn) => {
    expect(choose(withdrawn, wanted({ os: "8.10" }), running)).toEqual(kept);
  });

  test("keeps a named version that is offered no longer, and its image", () => {
    const withdrawn = offer([ol8("1.36.1")], { controlPlanes: ["v1.36.1"], workers: ["v1.36.1"] });
    const choice = choose(withdrawn, wanted({ os: "8.10", kubernetesVersion: "v1.35.2" }), running);
    expect(choice).toMatchObject({ controlPlane: "v1.35.2", imageId: id(ol8("1.35.2")) });
  });

  test("follows a newly named version with control plane and workers", () => {
    const choice = choose(all, wanted({ os: "8.10", kubernetesVersion: "v1.36.1" }), running);
    expect(choice).toEqual({
      controlPlane: "v1.36.1",
      worker: "v1.36.1",
      imageId: id(ol8("1.36.1")),
      keepControlPlane: false,
      keepWorker: false,
      warnings: [],
    });
  });

  test("follows a newly named image", () => {
    const image = ol8("1.35.2", "2026.09.01", 1900);
    const choice = choose(offer([image]), wanted({ os: "8.10", imageId: id(image) }), running);
    expect(choice).toMatchObject({ imageId: id(image), worker: "v1.35.2", keepWorker: false });
  });

  test("follows another release of Oracle Linux", () => {
    const nine = "Oracle-Linux-9.7-2026.06.15-0-OKE-1.35.2-1505";
    const choice = choose(offer([nine]), wanted({ os: "9.7" }), running);
    expect(choice).toMatchObject({ controlPlane: "v1.35.2", imageId: id(nine), keepWorker: false });
  });

  test("does not go back", () => {
    const message = refusal(() =>
      choose(all, wanted({ os: "8.10", kubernetesVersion: "v1.34.2" }), running),
    );
    expect(message).toContain("does not upgrade a control plane of v1.35.2 to it");
    expect(message).toContain("pulumi config set kubernetesVersion v1.36.1");
  });

  test("is not given an Istio that does not support what it runs", () => {
    const message = refusal(() => choose(all, wanted({ os: "8.10", istio: "1.28.1" }), running));
    expect(message).toContain("it supports Kubernetes 1.30 to 1.34");
    expect(message).toContain("this stack's cluster runs v1.35.2");
    expect(message).toContain("pulumi config set --path mesh.version 1.31.<patch>");
    const old: Running = { controlPlane: "v1.31.1", upgrades: ["v1.32.1"] };
    const behind = refusal(() => choose(all, wanted({ istio: "1.31.1" }), old));
    expect(behind).toContain("mesh.version 1.29.<patch>");
    expect(behind).toContain("move the cluster on: pulumi config set kubernetesVersion v1.32.1");
  });

  test("goes one minor at a time, as OKE's list of upgrades says", () => {
    const old: Running = { controlPlane: "v1.33.10", upgrades: ["v1.34.2"] };
    const message = refusal(() =>
      choose(all, wanted({ os: "8.10", kubernetesVersion: "v1.36.1" }), old),
    );
    expect(message).toContain("kubernetesVersion v1.34.2");
  });

  test("without workers yet gets those that go with its control plane", () => {
    const half: Running = { controlPlane: "v1.34.2", upgrades: [] };
    expect(choose(all, wanted({ os: "8.10" }), half)).toMatchObject({
      controlPlane: "v1.34.2",
      worker: "v1.34.2",
      keepWorker: true,
    });
  });
});

describe("names of images", () => {
  test("are read", () => {
    expect(parseImage(source("Oracle-Linux-9.8-2026.08.14-0-OKE-1.34.10-1699"))).toEqual({
      id: id("Oracle-Linux-9.8-2026.08.14-0-OKE-1.34.10-1699"),
      name: "Oracle-Linux-9.8-2026.08.14-0-OKE-1.34.10-1699",
      os: "9.8",
      date: "2026.08.14",
      sequence: 0,
      kubernetes: "v1.34.10",
      build: 1699,
    });
    expect(parseImage(source(ol7platform))?.kubernetes).toBeUndefined();
  });

  test.each([...others, "Oracle-Autonomous-Linux-8.10-2026.01.01-0", "Canonical-Ubuntu-22.04"])(
    "%s is none to take",
    (name) => {
      expect(parseImage(source(name))).toBeUndefined();
    },
  );

  test("order by date, count of the day and build, not by letters", () => {
    const images = [
      ol8("1.35.2", "2026.06.15", 900),
      ol8("1.35.2", "2026.06.15", 1505),
      ol8("1.35.2", "2025.12.31", 1900),
    ].flatMap((name) => parseImage(source(name)) ?? []);
    expect(newest(images)?.build).toBe(1505);
  });
});

describe("versions", () => {
  test("compare by their numbers", () => {
    expect([...versions, "v1.9.3"].sort(compareVersions)).toEqual([
      "v1.9.3",
      "v1.33.1",
      "v1.33.10",
      "v1.34.2",
      "v1.35.2",
      "v1.36.1",
    ]);
    expect(minorOf("v1.34.2")).toBe(34);
  });

  test("of an Istio that the table lacks are not judged", () => {
    expect(istioSupports("1.40.0", "v1.99.0")).toBe(true);
    expect(istioSupports("1.31.1", "v1.31.0")).toBe(false);
  });
});

test("a shape that the region lacks: which it has, and the command", () => {
  const { message } = shapeMissing("VM.Standard.E4.Flex", [
    "VM.Standard.E5.Flex",
    "VM.Standard.A1.Flex",
    "VM.GPU.A10.1",
  ]);
  expect(message).toContain("Offered flexible x86_64 shapes: VM.Standard.E5.Flex.");
  expect(message).toContain("pulumi config set --path nodes.shape VM.Standard.E5.Flex");
});
