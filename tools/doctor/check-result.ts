import { OciError } from "../../components/oke/oci/rest.js";

/** `not checked`: there was no answer, which does not prove a problem. */
export type CheckState = "ok" | "warning" | "problem" | "not checked";

/** The result of one check. */
export interface CheckResult {
  check: string;
  state: CheckState;
  /** What was found. */
  found: string;
  /** What to do about it: lines of commands, policies, links. */
  remedy?: string;
}

/** A problem with an error's message. */
export function failed(check: string, error: unknown, remedy?: string): CheckResult {
  return { check, state: "problem", found: reason(error), ...(remedy && { remedy }) };
}

/**
 * The result of a request that OCI refused.
 *
 * @param policy the statement without which OCI answers "not found".
 */
export function refused(check: string, error: unknown, policy: string): CheckResult {
  const status = error instanceof OciError ? error.status : undefined;
  if (status === 404 || status === 403) return failed(check, error, policy);
  if (status === 401) {
    return failed(
      check,
      error,
      "Check that user, fingerprint, key, and tenancy belong together, and that the clock is right within five minutes.",
    );
  }
  return { check, state: "not checked", found: reason(error) };
}

/** The first line of an error's message, or of its cause's if there is one. */
export function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = cause instanceof Error ? cause.message || cause.name : String(cause);
  return text.split("\n")[0] ?? text;
}
