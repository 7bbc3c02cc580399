import type { Ports } from "../processes/ports.js";
import type { KubeObject } from "./api.js";

interface EnvironmentVariable {
  name: string;
  value?: string;
  valueFrom?: { fieldRef?: { fieldPath: string } };
}

/** A Pod of istiod's Deployment, from the chart. */
export interface IstiodPod extends KubeObject {
  spec: {
    nodeName?: string;
    serviceAccountName?: string;
    containers: { name: string; args?: string[]; env?: EnvironmentVariable[] }[];
  };
}

/** The container's arguments, followed by this machine's addresses: the last value of a flag wins. */
export function istiodArguments(pod: IstiodPod, ports: Ports, kubeconfig: string): string[] {
  const own = discovery(pod)?.args ?? ["discovery"];
  const on = (port: number) => `127.0.0.1:${port}`;
  return [
    ...own,
    // With a kubeconfig, istiod watches the ConfigMaps of the mesh and injection configuration.
    `--kubeconfig=${kubeconfig}`,
    `--grpcAddr=${on(ports.istiodGrpc)}`,
    `--secureGRPCAddr=${on(ports.istiodXds)}`,
    `--httpAddr=${on(ports.istiodHttp)}`,
    `--httpsAddr=${on(ports.istiodWebhook)}`,
    `--monitoringAddr=${on(ports.istiodMonitoring)}`,
    "--ctrlz_port=0",
    "--shutdownDuration=1s",
  ];
}

/** The container's environment, with the host name under which the API server calls istiod's webhooks. */
export function istiodEnvironment(pod: IstiodPod): Record<string, string> {
  const fields: Record<string, string | undefined> = {
    "metadata.name": pod.metadata.name,
    "metadata.namespace": pod.metadata.namespace,
    "spec.serviceAccountName": pod.spec.serviceAccountName,
  };
  const environment: Record<string, string> = {};
  for (const { name, value, valueFrom } of discovery(pod)?.env ?? []) {
    const found = value ?? fields[valueFrom?.fieldRef?.fieldPath ?? ""];
    if (found !== undefined) environment[name] = found;
  }
  // In a cluster, it is mounted from a Secret.
  delete environment["KUBECONFIG"];
  return { ...environment, ISTIOD_CUSTOM_HOST: "localhost" };
}

function discovery({ spec }: IstiodPod) {
  return spec.containers.find(({ name }) => name === "discovery");
}
