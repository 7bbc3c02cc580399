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
 * @param isSecret whether a setting of `stack` is encrypted; the shell then asks Pulumi for it. Default: none is.
 */
export function kubectlFor(
  stack: string,
  kubeconfig: string | undefined,
  context: string,
  isSecret: (setting: string) => boolean = () => false,
): string {
  const get = (setting: string) => `pulumi config get --path ${setting} --stack ${word(stack)}`;
  const hidesFile = isSecret("existing.kubeconfig");
  const isText = kubeconfig !== undefined && !isPath(kubeconfig);
  const file = isText
    ? `<(${get("existing.kubeconfig")})`
    : hidesFile
      ? `"$(${get("existing.kubeconfig")})"`
      : kubeconfig && word(kubeconfig);
  // An encrypted kubeconfig's own current context stays out of sight: nobody changes it between two commands.
  const at = isSecret("existing.context")
    ? ["--context", `"$(${get("existing.context")})"`]
    : hidesFile && isText
      ? []
      : ["--context", word(context)];
  return ["kubectl", ...(file ? ["--kubeconfig", file] : []), ...at].join(" ");
}

/** An `oci` command line with the region and profile that were checked; the CLI's defaults may differ. */
export function ociAt(command: string, region: string, profile?: string): string {
  const at = ["--region", word(region), ...(profile ? ["--profile", word(profile)] : [])];
  return [command, ...at].join(" ");
}
