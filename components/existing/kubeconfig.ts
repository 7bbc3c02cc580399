/** Whether `existing.kubeconfig` is the path of a kubeconfig rather than its text, which may be JSON on one line. */
export function isPath(kubeconfig: string): boolean {
  const value = kubeconfig.trim();
  return !value.includes("\n") && !value.startsWith("{") && !value.includes("apiVersion:");
}

/**
 * Why a kubeconfig can't be read, in words that hold none of it: its text has credentials, and what was taken for a
 * path may be a token or a text in another form.
 *
 * @param kubeconfig as configured; undefined for kubectl's own, which is found by paths alone.
 */
export function whyUnreadable(kubeconfig: string | undefined, error: unknown): string {
  const { code, message = String(error) } = error as Partial<ReadError>;
  if (!kubeconfig) return message.split("\n")[0] ?? message;
  if (!isPath(kubeconfig)) return `the text in existing.kubeconfig is none${where(error)}`;
  const path = kubeconfig.trim();
  const shown = /^((~|\.{1,2})?[\\/]|[A-Za-z]:[\\/])/.test(path)
    ? path
    : "the file that existing.kubeconfig names";
  if (code === "ENOENT") return `${shown} is not there (ENOENT)`;
  return code ? `${shown} can't be read (${code})` : `${shown} is none${where(error)}`;
}

/** Errors of files have a code, those of YAML a place and, in their message, the lines around it. */
type ReadError = Error & { code: string; mark: { line: number; column: number } };

function where(error: unknown): string {
  const { mark, message = "" } = error as Partial<ReadError>;
  if (mark) return `: no YAML at line ${mark.line + 1}, column ${mark.column + 1}`;
  // The client's own words about an entry: `users[0].name is missing`.
  return /^\w+\[\d+\][\w.]* is missing$/.test(message) ? `: ${message}` : "";
}
