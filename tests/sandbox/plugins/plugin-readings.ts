import * as k8s from "@pulumi/kubernetes";

import * as programs from "./plugin-cases.js";
import type { Program } from "./plugin-stack.js";

/** An existing resource, read by a stack that did not create it. */
export interface Reading {
  what: string;
  /** Creates it, unless Kubernetes does. */
  made?: Program;
  /** Reads it as `found`, by its id. */
  get(id: string): Program;
  id: string;
  /** Some of its outputs. */
  seen: Record<string, unknown>;
  /** The id of a resource that does not exist. */
  none: string;
  /** The object that must remain after the reading stack's destroy. */
  object: string[];
}

/** @param folder for the chart */
export const readings = (folder: string): Reading[] => [
  {
    what: "a typed resource",
    get: (id) => (provider) => void k8s.core.v1.Namespace.get("found", id, { provider }),
    id: "kube-system",
    seen: { metadata: { name: "kube-system" }, status: { phase: "Active" } },
    none: "nowhere",
    object: ["namespace", "kube-system"],
  },
  {
    what: "a custom resource",
    made: programs.custom(90),
    get: (id) => (provider) => {
      k8s.apiextensions.CustomResource.get("found", { ...programs.split, id, provider });
    },
    id: "default/custom",
    seen: { ...programs.split, metadata: { name: "custom" }, spec: { weight: 90 } },
    none: "default/other",
    object: ["split", "custom"],
  },
  {
    what: "a release",
    made: programs.release(folder, 7),
    get: (id) => (provider) => void k8s.helm.v3.Release.get("found", id, { provider }),
    id: "default/tiny",
    seen: {
      name: "tiny",
      namespace: "default",
      version: "1.2.3",
      values: { size: 7 },
      status: { status: "deployed", revision: 1, chart: "tiny", appVersion: "4.5" },
    },
    none: "default/other",
    object: ["configmap", "tiny"],
  },
];
