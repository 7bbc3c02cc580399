import { isPath } from "../kubeconfig/unreadable.js";
import type { Settings } from "../settings/settings.js";

/**
 * Makes the kubectl commands in a sentence reach the inspected cluster, whatever kubectl's current context is: a delete
 * command must not reach another cluster. Where the configuration names neither a kubeconfig nor a context, kubectl's
 * own are the inspected ones.
 */
export function reaching({ kubeconfig, context }: Settings["existing"]): (text: string) => string {
  const file = kubeconfig && isPath(kubeconfig) ? word(kubeconfig.trim()) : undefined;
  const text = kubeconfig && !file ? "<(pulumi config get --path existing.kubeconfig)" : file;
  const options = [
    ...(text ? ["--kubeconfig", text] : []),
    ...(context ? ["--context", word(context)] : []),
  ].join(" ");
  return (sentence) =>
    options === "" ? sentence : sentence.replace(commands, (kubectl) => `${kubectl} ${options}`);
}

/** `kubectl kustomize` reaches no cluster. */
const commands = /\bkubectl(?= (apply|api-resources|create|delete|edit|get|label|version|wait)\b)/g;

/** A word of a command line, quoted if a shell would change it. A shell expands ~ only outside of quotes. */
function word(text: string): string {
  if (text.startsWith("~/")) return `~/${word(text.slice(2))}`;
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
