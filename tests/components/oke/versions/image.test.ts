import { describe, expect, test } from "@jest/globals";

import { istioSupports, minorOf } from "../../../../components/mesh/compatibility.js";
import { newestImage, parseImage } from "../../../../components/oke/versions/image.js";
import { others, source, id, ol7platform, ol8 } from "./offers.js";

describe("image names", () => {
  test("are parsed", () => {
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
    "%s is skipped",
    (name) => {
      expect(parseImage(source(name))).toBeUndefined();
    },
  );

  test("sort by date, sequence and build, not alphabetically", () => {
    const images = [
      ol8("1.35.2", "2026.06.15", 900),
      ol8("1.35.2", "2026.06.15", 1505),
      ol8("1.35.2", "2025.12.31", 1900),
    ].flatMap((name) => parseImage(source(name)) ?? []);
    expect(newestImage(images)?.build).toBe(1505);
  });
});

describe("versions", () => {
  test.each([
    ["v1.34.2", 34],
    ["v1.9.3", 9],
    ["v1.33.5+k3s1", 33],
    ["v1.33.5-gke.1162000", 33],
    ["latest", NaN],
  ])("%s has minor %d", (version, minor) => {
    expect(minorOf(version)).toBe(minor);
  });

  test("are all supported by an Istio that the table lacks", () => {
    expect(istioSupports("1.40.0", "v1.99.0")).toBe(true);
    expect(istioSupports("1.31.1", "v1.31.0")).toBe(false);
  });
});
