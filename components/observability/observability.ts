import { createHash } from "node:crypto";

import type * as pulumi from "@pulumi/pulumi";

import { programLabels } from "../resources/program-labels.js";
import { Component } from "../resources/component.js";
import { inNamespace, registerManifest, type KubernetesObject } from "../resources/manifest.js";

/** Manifests of what is in Istio's namespace. */
export const systemManifests = ["observability/prometheus.yaml", "observability/kiali.yaml"];
/** Manifest of what is in the application's namespace. */
export const applicationManifest = "observability/application.yaml";

export interface ObservabilityArgs {
  /** Name of Istio's namespace, known once it exists. */
  systemNamespace: pulumi.Input<string>;
  /** Name of the application's namespace, which need not exist yet; not an Input, because it is part of a text. */
  namespace: string;
  /** Workers for the Pods; empty if the cluster already has workers. */
  workers: pulumi.Resource[];
}

/**
 * Prometheus, which collects the mesh's counters, and Kiali, which draws them. Neither waits for the mesh, and nothing
 * waits for them.
 *
 * @example
 * const args = { systemNamespace: base.namespace, namespace: "default", workers: [nodePool] };
 * new Observability("observability", args, { provider });
 */
export class Observability extends Component {
  constructor(name: string, args: ObservabilityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:observability:Observability", name, opts, args.workers);
    for (const path of systemManifests) {
      const configuration = new Map<string, string>();
      const edit = (object: KubernetesObject) => {
        const { metadata } = object;
        if (metadata.namespace) metadata.namespace = args.systemNamespace;
        // Whatever else belongs to the program goes with Istio's namespace.
        else metadata.labels = { ...metadata.labels, ...programLabels };
        if (object.kind === "ConfigMap") {
          nameNamespace(object, args.namespace);
          configuration.set(object.metadata.name, digest(object));
        }
        if (object.kind === "Deployment") restartOn(object, configuration);
      };
      registerManifest(name, path, edit, this.childOptions());
    }
    this.registerOutputs({});
  }
}

export interface WaypointMetricsArgs {
  /** Name of the application's namespace, known once it exists. */
  namespace: pulumi.Input<string>;
}

/**
 * Prometheus's right to find the waypoints of the application's namespace.
 *
 * @example
 * new WaypointMetrics("waypoint-metrics", { namespace: bookinfo.namespace }, { provider });
 */
export class WaypointMetrics extends Component {
  constructor(name: string, args: WaypointMetricsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:observability:WaypointMetrics", name, opts);
    registerManifest(name, applicationManifest, inNamespace(args.namespace), this.childOptions());
    this.registerOutputs({});
  }
}

interface ConfigMap extends KubernetesObject {
  data: Record<string, string>;
}

/** The manifests' texts have the application's namespace as `["default"]`. */
function nameNamespace(object: KubernetesObject, namespace: string): void {
  const configMap = object as ConfigMap;
  configMap.data = Object.fromEntries(
    Object.entries(configMap.data).map(([file, text]) => [
      file,
      text.replaceAll('["default"]', JSON.stringify([namespace])),
    ]),
  );
}

const digest = (object: KubernetesObject) =>
  createHash("sha256")
    .update(JSON.stringify((object as ConfigMap).data))
    .digest("hex")
    .slice(0, 16);

/** Neither Prometheus nor Kiali reads a changed file again by itself. */
function restartOn(deployment: KubernetesObject, configuration: Map<string, string>): void {
  const { template } = deployment.spec as {
    template: { metadata: { annotations?: Record<string, string> } };
  };
  const { annotations } = template.metadata;
  template.metadata.annotations = {
    ...annotations,
    "oke-ambient-mesh/configuration": configuration.get(deployment.metadata.name) ?? "",
  };
}
