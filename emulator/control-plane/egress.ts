import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Ports } from "../processes/ports.js";
import type { Certificates } from "./certificates.js";

/** The path of the API server's egress configuration in the control plane's folder. */
export const egressFile = (folder: string): string => join(folder, "egress.json");

/**
 * Writes how the API server reaches Pods, for `kubectl get --raw …/services/<name>/proxy/`: no kernel here knows their
 * addresses, so it goes through a tunnel of the kubelets' server.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/setup-konnectivity/
 */
export function writeEgress(folder: string, ports: Ports, keys: Certificates): void {
  const tlsConfig = {
    caBundle: keys.ca,
    clientCert: keys.kubeletClient.certificate,
    clientKey: keys.kubeletClient.key,
  };
  const tcp = { url: `https://127.0.0.1:${ports.kubelet}`, tlsConfig };
  // Where KWOK serves the kubelets' API, without a data plane, there is no tunnel and no Pod to reach.
  const connection =
    ports.kubelet === ports.kwok
      ? { proxyProtocol: "Direct" }
      : { proxyProtocol: "HTTPConnect", transport: { tcp } };
  const configuration = {
    apiVersion: "apiserver.k8s.io/v1beta1",
    kind: "EgressSelectorConfiguration",
    egressSelections: [{ name: "cluster", connection }],
  };
  writeFileSync(egressFile(folder), JSON.stringify(configuration));
}
