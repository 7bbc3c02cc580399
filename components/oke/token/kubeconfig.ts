import { parse, stringify } from "yaml";

import { execApiVersion } from "./token.js";

interface Kubeconfig {
  users?: { name: string; user: { exec?: { args?: string[] } } }[];
}

/**
 * Oracle's kubeconfig with this package's token helper instead of the `oci` command, which then need not be installed.
 * The helper's path is relative, because the kubernetes plugin runs it in the project's folder.
 *
 * @param kubeconfig Oracle's, whose users run `oci ce cluster generate-token`.
 * @param options `environment`: the helper's environment variables, none of them secret.
 * @throws Error for a text without users.
 */
export function forTokenHelper(
  kubeconfig: string,
  { clusterId, environment }: { clusterId: string; environment: Record<string, string> },
): string {
  const config = parse(kubeconfig) as Kubeconfig | null;
  if (!Array.isArray(config?.users)) throw new Error("OKE's kubeconfig has no users.");
  const users = config.users.map((entry) => ({
    ...entry,
    user: { exec: exec(clusterId, regionOf(clusterId, entry.user.exec?.args), environment) },
  }));
  return stringify({ ...config, users }, { lineWidth: 0 });
}

function exec(clusterId: string, region: string | undefined, environment: Record<string, string>) {
  return {
    apiVersion: execApiVersion,
    command: "node",
    args: [
      "--import",
      "tsx",
      "components/oke/token/cli.ts",
      "--cluster-id",
      clusterId,
      ...(region ? ["--region", region] : []),
    ],
    env: Object.entries(environment).map(([name, value]) => ({ name, value })),
    // Required in v1; the helper can't ask for input: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
    interactiveMode: "Never",
    provideClusterInfo: false,
  };
}

/** The region in Oracle's `exec`, or in the OCID, which in older regions has a short key instead. */
function regionOf(clusterId: string, args: string[] = []): string | undefined {
  const named = args[args.indexOf("--region") + 1];
  if (args.includes("--region") && named) return named;
  return /^ocid1\.cluster\.[^.]+\.([a-z]+-[a-z0-9-]+-\d+)\./.exec(clusterId)?.[1];
}
