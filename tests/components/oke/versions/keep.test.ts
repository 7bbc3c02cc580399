import { describe, expect, test } from "@jest/globals";

import { choose } from "../../../../components/oke/versions/choose.js";
import type { RunningCluster } from "../../../../components/oke/versions/types.js";
import { id, ol8, offer, wanted, all, refusal } from "./offers.js";

describe("a running stack", () => {
  const running: RunningCluster = {
    controlPlane: "v1.35.2",
    upgrades: ["v1.36.1"],
    pool: {
      kubernetes: "v1.35.2",
      imageId: id(ol8("1.35.2")),
      imageName: ol8("1.35.2"),
      chosenFor: "v1.35.2",
    },
  };
  const kept = {
    controlPlane: "v1.35.2",
    worker: "v1.35.2",
    imageId: id(ol8("1.35.2")),
    keepControlPlane: true,
    keepWorker: true,
    chosenFor: "v1.35.2",
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

  test("keeps a configured version that is no longer offered, and its image", () => {
    const withdrawn = offer([ol8("1.36.1")], { controlPlanes: ["v1.36.1"], workers: ["v1.36.1"] });
    const choice = choose(withdrawn, wanted({ os: "8.10", kubernetesVersion: "v1.35.2" }), running);
    expect(choice).toMatchObject({ controlPlane: "v1.35.2", imageId: id(ol8("1.35.2")) });
  });

  test("follows a newly configured version with control plane and workers", () => {
    const choice = choose(all, wanted({ os: "8.10", kubernetesVersion: "v1.36.1" }), running);
    expect(choice).toEqual({
      controlPlane: "v1.36.1",
      worker: "v1.36.1",
      imageId: id(ol8("1.36.1")),
      keepControlPlane: false,
      keepWorker: false,
      chosenFor: "v1.36.1",
      warnings: [],
    });
  });

  test("follows a newly configured image", () => {
    const image = ol8("1.35.2", "2026.09.01", 1900);
    const choice = choose(offer([image]), wanted({ os: "8.10", imageId: id(image) }), running);
    expect(choice).toMatchObject({ imageId: id(image), worker: "v1.35.2", keepWorker: false });
  });

  test("follows another release of Oracle Linux", () => {
    const nine = "Oracle-Linux-9.7-2026.06.15-0-OKE-1.35.2-1505";
    const choice = choose(offer([nine]), wanted({ os: "9.7" }), running);
    expect(choice).toMatchObject({ controlPlane: "v1.35.2", imageId: id(nine), keepWorker: false });
  });

  test("refuses an older version", () => {
    const message = refusal(() =>
      choose(all, wanted({ os: "8.10", kubernetesVersion: "v1.34.2" }), running),
    );
    expect(message).toContain("does not upgrade a control plane from v1.35.2 to it");
    expect(message).toContain("pulumi config set kubernetesVersion v1.36.1");
  });

  test("refuses an Istio that does not support its version", () => {
    const message = refusal(() => choose(all, wanted({ os: "8.10", istio: "1.28.1" }), running));
    expect(message).toContain("it supports Kubernetes 1.30 to 1.34");
    expect(message).toContain("this stack's cluster runs v1.35.2");
    expect(message).toContain("pulumi config set --path mesh.version 1.31.<patch>");
    const old: RunningCluster = { controlPlane: "v1.31.1", upgrades: ["v1.32.1"] };
    const behind = refusal(() => choose(all, wanted({ istio: "1.31.1" }), old));
    expect(behind).toContain("mesh.version 1.29.<patch>");
    expect(behind).toContain("upgrade the cluster: pulumi config set kubernetesVersion v1.32.1");
  });

  test("upgrades one minor at a time, as OKE's list of upgrades says", () => {
    const old: RunningCluster = { controlPlane: "v1.33.10", upgrades: ["v1.34.2"] };
    const message = refusal(() =>
      choose(all, wanted({ os: "8.10", kubernetesVersion: "v1.36.1" }), old),
    );
    expect(message).toContain("kubernetesVersion v1.34.2");
  });

  test("without workers gets those that fit its control plane", () => {
    const half: RunningCluster = { controlPlane: "v1.34.2", upgrades: [] };
    expect(choose(all, wanted({ os: "8.10" }), half)).toMatchObject({
      controlPlane: "v1.34.2",
      worker: "v1.34.2",
      keepWorker: true,
    });
  });
});

describe("a configured version that the control plane has, with workers behind it", () => {
  const named = wanted({ os: "8.10", kubernetesVersion: "v1.35.2" });
  const behind = (chosenFor?: string): RunningCluster => ({
    controlPlane: "v1.35.2",
    upgrades: ["v1.36.1"],
    pool: {
      kubernetes: "v1.34.2",
      imageId: id(ol8("1.34.2")),
      imageName: ol8("1.34.2"),
      chosenFor,
    },
  });
  const newer = offer([ol8("1.34.2"), ol8("1.35.2")]);
  const stays = { worker: "v1.34.2", imageId: id(ol8("1.34.2")), keepWorker: true };

  test("keeps the workers if they were the newest for it when chosen", () => {
    const running = behind("v1.35.2");
    expect(choose(offer([ol8("1.34.2")]), named, running)).toMatchObject(stays);
    expect(choose(newer, named, running)).toMatchObject({ ...stays, warnings: [] });
  });

  test("upgrades the workers after an interrupted upgrade", () => {
    expect(choose(newer, named, behind("v1.34.2"))).toMatchObject({
      worker: "v1.35.2",
      imageId: id(ol8("1.35.2")),
      keepWorker: false,
      chosenFor: "v1.35.2",
    });
  });

  test("tags the workers for it if an upgrade finds nothing newer", () => {
    const upgrade = { ...behind("v1.34.2"), controlPlane: "v1.34.2", upgrades: ["v1.35.2"] };
    const choice = choose(offer([ol8("1.34.2")]), named, upgrade);
    expect(choice).toMatchObject({ ...stays, controlPlane: "v1.35.2", chosenFor: "v1.35.2" });
  });

  test("keeps the workers of an untagged pool, and warns with the command that upgrades them", () => {
    const choice = choose(newer, named, behind());
    expect(choice).toMatchObject({ ...stays, chosenFor: undefined });
    expect(choice.warnings).toEqual([
      expect.stringMatching(
        /run v1\.34\.2 and stay behind.*v1\.35\.2 is offered.*nodes\.imageId ocid1/,
      ),
    ]);
  });

  test("upgrades the workers of an untagged pool if the version is new", () => {
    const upgrade = { ...behind(), controlPlane: "v1.34.2", upgrades: ["v1.35.2"] };
    expect(choose(newer, named, upgrade)).toMatchObject({ worker: "v1.35.2", keepWorker: false });
  });

  test("keeps the pool's tag if the configuration leaves the version open", () => {
    const open = wanted({ os: "8.10" });
    expect(choose(newer, open, behind("v1.34.2"))).toMatchObject({
      ...stays,
      chosenFor: "v1.34.2",
    });
    expect(choose(newer, open, behind()).chosenFor).toBeUndefined();
  });
});

describe("a configured image", () => {
  const running: RunningCluster = {
    controlPlane: "v1.35.2",
    upgrades: ["v1.36.1"],
    pool: { kubernetes: "v1.32.1", imageId: id(ol8("1.32.1")), imageName: ol8("1.32.1") },
  };
  const imageOf = (version: string) => wanted({ os: "8.10", imageId: id(ol8(version)) });

  test("is kept for workers that have it, whatever is offered", () => {
    const kept = { worker: "v1.32.1", imageId: id(ol8("1.32.1")) };
    expect(choose(offer([]), imageOf("1.32.1"), running)).toMatchObject(kept);
    expect(choose(offer([ol8("1.32.1")]), imageOf("1.32.1"), running)).toMatchObject(kept);
  });

  test("is refused if it would be too far behind the control plane", () => {
    const next = { ...imageOf("1.32.1"), kubernetesVersion: "v1.36.1" };
    const message = refusal(() => choose(all, next, running));
    expect(message).toContain("it does not fit a control plane of v1.36.1");
    expect(message).toContain("workers of v1.32.1 are more than three minors behind");
    expect(message).toContain("pulumi config rm --path nodes.imageId");
  });

  test("is refused if it is newer than the control plane", () => {
    expect(refusal(() => choose(all, imageOf("1.36.1"), running))).toContain(
      "workers of v1.36.1 are newer than their control plane",
    );
  });
});
