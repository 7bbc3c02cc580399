import { parse, stringify } from "yaml";

/** Version of the exec protocol that the helper's kubeconfig asks for. */
export const execApiVersion = "client.authentication.k8s.io/v1";

interface Kubeconfig {
  users?: { name: string; user: { exec?: { args?: string[] } } }[];
}

/**
 * Oracle's kubeconfig with the token made by this package instead of the `oci` command, which need not be
 * installed then. The path is relative: the kubernetes plugin runs it in the project's folder, on any machine.
 *
 * @param kubeconfig Oracle's text, with `oci ce cluster generate-token` as its users' `exec`.
 * @param options `environment` goes with the helper: settings of the oci provider that are no secrets.
 * @throws Error for a text that is no kubeconfig.
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
    // Required in v1, and nobody sits at the engine's terminal: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
    interactiveMode: "Never",
    provideClusterInfo: false,
  };
}

/** Oracle's `exec` names the region; an OCID does so too, though in older regions by a short key. */
function regionOf(clusterId: string, args: string[] = []): string | undefined {
  const named = args[args.indexOf("--region") + 1];
  if (args.includes("--region") && named) return named;
  return /^ocid1\.cluster\.[^.]+\.([a-z]+-[a-z0-9-]+-\d+)\./.exec(clusterId)?.[1];
}
