import type * as pulumi from "@pulumi/pulumi";

import type { Chart } from "../mesh/names.js";

/** The project's name, which prefixes its keys in a stack's configuration: `oke-ambient-mesh:stage`. */
export const project = "oke-ambient-mesh";

/** The project's part of a stack's configuration, by keys without the prefix. */
export function ownKeys<T>(config: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(`${project}:`))
      .map(([key, value]) => [key.slice(project.length + 1), value]),
  );
}

/**
 * A stack file's keys with their namespace. The engine takes a key without one for the project's, and reads
 * `<namespace>:config:<name>` too (https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/go/common/resource/config/key.go).
 */
export function qualified(
  config: Readonly<Record<string, unknown>> | null | undefined,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config ?? {}).map(([key, value]) => {
      const [, namespace = project, name = key] =
        /^(?:([^:]+):)?(?:config:)?([^:]+)$/.exec(key) ?? [];
      return [`${namespace}:${name}`, value];
    }),
  );
}

/** The names of the project's keys, as {@link ownKeys} has them. */
export const ownNames = (keys: readonly string[]): string[] =>
  Object.keys(ownKeys(Object.fromEntries(keys.map((key) => [key, true]))));

/** The stages of the walk-through, in order; each includes all earlier ones. */
export const stages = ["cluster", "mesh", "bookinfo", "ambient", "l4", "l7", "traffic"] as const;
export type Stage = (typeof stages)[number];

/** The program's configuration, validated and with every default. */
export interface Settings {
  cluster: "oke" | "existing";
  /** OCID; present whenever `cluster` is `oke`. */
  compartmentId?: string;
  /** `v1.34.2`, in the configuration also without the `v`. Undefined: the program chooses one that OKE offers and then keeps it. */
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
    /** A Helm repository's URL, `oci://…`, or a folder with the five charts. */
    chartRepository: string;
    imageHub: string;
    /** A pinned version, `existing`, or a path or URL followed by `#sha256=<digest>`. */
    gatewayApi: string;
    platform?: string;
    /** Values by chart; secret outputs if the stack's configuration of `mesh` contains a secret. */
    helmValues: Partial<Record<Chart, pulumi.Input<Record<string, unknown>>>>;
  };
  namespace: string;
  stage: Stage;
  reviews: { v2Percent: number };
  /** Whether Prometheus and Kiali are deployed, from stage `mesh` on. */
  observability: boolean;
  /** Requests a second that a Pod sends through the gateway, from stage `bookinfo` on; 0 for none. */
  load: number;
  /** When the environment may be destroyed: ISO 8601 with its zone. Undefined: never by itself. */
  expiresAt?: string;
  verify: boolean;
  /** Seconds that verification waits for the expected results. */
  verifySettleSeconds: number;
}

/** `reaches(settings.stage)("l4")`: whether the configured stage is `l4` or a later one. */
export function reaches(configured: Stage): (stage: Stage) => boolean {
  return (stage) => stages.indexOf(stage) <= stages.indexOf(configured);
}

/** As much of the settings as is valid; invalid fields are missing. */
export type Partially<T> = { [K in keyof T]?: T[K] extends unknown[] ? T[K] : Partial<T[K]> };

/** Whether this is the ciphertext of a stack's file, which the engine always decrypts and a tool may be unable to. */
export function isEncrypted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const [only, ...others] = Object.entries(value);
  return only?.[0] === "secure" && typeof only[1] === "string" && others.length === 0;
}
