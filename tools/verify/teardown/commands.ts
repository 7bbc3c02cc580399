import { isPath } from "../../../components/existing/kubeconfig.js";
import { quoted } from "../../../emulator/host/shell.js";

/** A word of a command line, quoted where a shell would make something else of it. */
function word(text: string): string {
  // A shell finds a home only outside of quotes.
  if (text.startsWith("~/")) return `~/${word(text.slice(2))}`;
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text);
}

/**
 * How a person's kubectl reaches the cluster that was asked, whatever context it has for its own: commands that
 * delete must not meet another one.
 *
 * @param kubeconfig Its path, or its text, which the configuration of `stack` holds; undefined as kubectl finds it.
 */
export function kubectlFor(stack: string, kubeconfig: string | undefined, context: string): string {
  const file =
    kubeconfig && !isPath(kubeconfig)
      ? `<(pulumi config get --path existing.kubeconfig --stack ${word(stack)})`
      : kubeconfig && word(kubeconfig);
  return ["kubectl", ...(file ? ["--kubeconfig", file] : []), "--context", word(context)].join(" ");
}

/** Says to the `oci` command which region and profile were asked; its own may be others. */
export function ociAt(command: string, region: string, profile?: string): string {
  const at = ["--region", word(region), ...(profile ? ["--profile", word(profile)] : [])];
  return [command, ...at].join(" ");
}
