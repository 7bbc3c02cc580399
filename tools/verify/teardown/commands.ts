import { isPath } from "../../../components/kubeconfig/unreadable.js";
import { quoted } from "../../../emulator/host/programs.js";

/** A word of a command line, quoted if a shell would change it. */
function word(text: string): string {
  // A shell expands ~ only outside of quotes.
  if (text.startsWith("~/")) return `~/${word(text.slice(2))}`;
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text);
}

/**
 * A kubectl command line that reaches the very cluster that was checked, whatever the current context: a delete command
 * must not reach another cluster.
 *
 * @param kubeconfig its path, or its text from the configuration of `stack`; undefined: kubectl's default.
 */
export function kubectlFor(stack: string, kubeconfig: string | undefined, context: string): string {
  const file =
    kubeconfig && !isPath(kubeconfig)
      ? `<(pulumi config get --path existing.kubeconfig --stack ${word(stack)})`
      : kubeconfig && word(kubeconfig);
  return ["kubectl", ...(file ? ["--kubeconfig", file] : []), "--context", word(context)].join(" ");
}

/** An `oci` command line with the region and profile that were checked; the CLI's defaults may differ. */
export function ociAt(command: string, region: string, profile?: string): string {
  const at = ["--region", word(region), ...(profile ? ["--profile", word(profile)] : [])];
  return [command, ...at].join(" ");
}
