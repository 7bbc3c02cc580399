import { RunError } from "@pulumi/pulumi";

import type { Offer, Wanted } from "../../../../components/oke/versions/types.js";

export const source = (sourceName: string) => ({
  sourceName,
  imageId: `ocid1.image.oc1..${sourceName}`,
});
export const id = (sourceName: string) => source(sourceName).imageId;

export const ol7 = "Oracle-Linux-7.9-2025.01.31-0-OKE-1.33.1-764";
export const ol7platform = "Oracle-Linux-7.9-2026.07.20-0";
export const ol8 = (version: string, date = "2026.06.15", build = 1505) =>
  `Oracle-Linux-8.10-${date}-0-OKE-${version}-${build}`;
export const others = [
  "Oracle-Linux-9.7-Gen2-GPU-2026.06.15-0-OKE-1.36.1-1505",
  "Oracle-Linux-9.7-aarch64-2026.06.15-0-OKE-1.36.1-1505",
  "Oracle-Linux-8.10-aarch64-2026.08.14-0-OKE-1.36.1-1820",
  "Oracle-Linux-7.9-Gen2-GPU-2025.01.31-0-OKE-1.33.1-764",
];
export const versions = ["v1.35.2", "v1.33.1", "v1.36.1", "v1.34.2", "v1.33.10"];

/** An offer with these images among others. */
export function offer(names: string[], overrides: Partial<Offer> = {}): Offer {
  return {
    compartmentId: "ocid1.compartment.oc1..c",
    controlPlanes: versions,
    workers: versions,
    sources: [...others, ...names].map(source),
    ...overrides,
  };
}

export const wanted = (overrides: Partial<Wanted> = {}): Wanted => ({
  os: "7.9",
  istio: "1.31.1",
  ...overrides,
});

/** The offer of a tenancy that has 7.9 only for one old version. */
export const all = offer([
  ol7,
  ol7platform,
  ...["1.33.10", "1.36.1", "1.35.2", "1.34.2"].map((v) => ol8(v)),
]);

/** The message of a RunError. */
export function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (RunError.isInstance(error)) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}
