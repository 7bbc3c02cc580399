import { InvalidKubeconfig } from "./load.js";

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
  const { code, message = String(error) } = error as NodeJS.ErrnoException;
  const where = error instanceof InvalidKubeconfig ? `: ${message}` : "";
  if (!kubeconfig) return message.split("\n")[0] ?? message;
  if (!isPath(kubeconfig)) return `existing.kubeconfig is not a valid kubeconfig${where}`;
  const path = kubeconfig.trim();
  const shown = /^((~|\.{1,2})?[\\/]|[A-Za-z]:[\\/])/.test(path)
    ? path
    : "the file that existing.kubeconfig names";
  if (code === "ENOENT") return `${shown} does not exist (ENOENT)`;
  return code ? `${shown} can't be read (${code})` : `${shown} is not a valid kubeconfig${where}`;
}
