import type * as pulumi from "@pulumi/pulumi";

import type { Chart } from "../mesh/names.js";

/** The program's keys in a stack's configuration begin with it: `oke-ambient-mesh:stage`. */
export const project = "oke-ambient-mesh";

/** The program's part of a stack's configuration, by keys without the project's name. */
export function ownKeys<T>(config: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(`${project}:`))
      .map(([key, value]) => [key.slice(project.length + 1), value]),
  );
}

/** The stages of the walk-through, in order; each includes all before it. */
export const stages = ["cluster", "mesh", "bookinfo", "ambient", "l4", "l7", "traffic"] as const;
export type Stage = (typeof stages)[number];

/** What the program works from: configuration, checked and with every default filled in. */
export interface Settings {
  cluster: "oke" | "existing";
  /** OCID; present whenever `cluster` is `oke`. */
  compartmentId?: string;
  /** With or without the leading `v` in configuration, always with it here; undefined: chosen once from OKE's offer, then kept. */
  kubernetesVersion?: string;
  clusterType: "basic" | "enhanced";
  network: { vcnCidr: string; apiAllowedCidrs: string[]; apiOpenToAll: boolean };
  nodes: {
    os: string;
    shape: string;
    ocpus: number;
    memoryGb: number;
    count: number;
    bootVolumeGb: number;
    imageId?: string;
  };
  existing: { kubeconfig?: string; context?: string };
  gateway: { serviceType: "LoadBalancer" | "NodePort" | "ClusterIP" };
  mesh: {
    version: string;
    /** A Helm repository's URL, `oci://…`, or a folder that holds the five charts. */
    chartRepository: string;
    imageHub: string;
    /** A pinned version, `existing`, or a path or URL followed by `#sha256=<digest>`. */
    gatewayApi: string;
    platform?: string;
    /** By chart; secret outputs where the stack's file has something in `mesh` encrypted. */
    helmValues: Partial<Record<Chart, pulumi.Input<Record<string, unknown>>>>;
  };
  namespace: string;
  stage: Stage;
  reviews: { v2Percent: number };
  verify: boolean;
  /** Seconds that verification keeps asking before it calls an expectation unmet. */
  verifySettleSeconds: number;
}

/** `reaches(settings.stage)("l4")`: whether the configured stage includes that one. */
export function reaches(configured: Stage): (stage: Stage) => boolean {
  return (stage) => stages.indexOf(stage) <= stages.indexOf(configured);
}

/** As much of the settings as is valid; invalid fields are missing. */
export type Partially<T> = { [K in keyof T]?: T[K] extends unknown[] ? T[K] : Partial<T[K]> };
