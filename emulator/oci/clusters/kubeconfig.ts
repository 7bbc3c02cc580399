import { region } from "../tenancy/identity.js";

/**
 * The kubeconfig that OKE generates.
 * https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengdownloadkubeconfigfile.htm
 */
export function kubeconfigContent(clusterId: string, server: string, caPem: string): string {
  const name = `c${clusterId.slice(-10)}`;
  return `---
apiVersion: v1
kind: Config
clusters:
- name: cluster-${name}
  cluster:
    server: ${server}
    certificate-authority-data: ${Buffer.from(caPem).toString("base64")}
users:
- name: user-${name}
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: oci
      args:
      - ce
      - cluster
      - generate-token
      - --cluster-id
      - ${clusterId}
      - --region
      - ${region}
      env: []
contexts:
- name: context-${name}
  context:
    cluster: cluster-${name}
    user: user-${name}
current-context: context-${name}
preferences: {}
`;
}
