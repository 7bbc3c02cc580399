/** Whether `existing.kubeconfig` is a path rather than a kubeconfig's text, which may be JSON on one line. */
export function isPath(kubeconfig: string): boolean {
  const value = kubeconfig.trim();
  return !value.includes("\n") && !value.startsWith("{") && !value.includes("apiVersion:");
}

/**
 * Why a kubeconfig can't be read, without repeating any of it: its text has credentials, and what looks like a path may
 * be a token.
 *
 * @param kubeconfig as configured; undefined for the one that kubectl uses.
 */
export function whyUnreadable(kubeconfig: string | undefined, error: unknown): string {
  const { code, message = String(error) } = error as Partial<ReadError>;
  if (!kubeconfig) return message.split("\n")[0] ?? message;
  if (!isPath(kubeconfig)) return `existing.kubeconfig is not a valid kubeconfig${where(error)}`;
  const path = kubeconfig.trim();
  const shown = /^((~|\.{1,2})?[\\/]|[A-Za-z]:[\\/])/.test(path)
    ? path
    : "the file that existing.kubeconfig names";
  if (code === "ENOENT") return `${shown} does not exist (ENOENT)`;
  return code
    ? `${shown} can't be read (${code})`
    : `${shown} is not a valid kubeconfig${where(error)}`;
}

/** File errors have a code; YAML errors have a position and, in their message, the lines around it. */
type ReadError = Error & { code: string; mark: { line: number; column: number } };

function where(error: unknown): string {
  const { mark, message = "" } = error as Partial<ReadError>;
  if (mark) return `: invalid YAML at line ${mark.line + 1}, column ${mark.column + 1}`;
  // The client's message about an entry: `users[0].name is missing`.
  return /^\w+\[\d+\][\w.]* is missing$/.test(message) ? `: ${message}` : "";
}
