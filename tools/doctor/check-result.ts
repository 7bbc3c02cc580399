import { OciError } from "../../components/oke/oci/rest.js";

/** `not checked`: the answer could not be had, which is no proof of a problem. */
export type CheckState = "ok" | "warning" | "problem" | "not checked";

/** One thing the doctor looked at. */
export interface CheckResult {
  check: string;
  state: CheckState;
  /** What was seen. */
  found: string;
  /** What to do, where there is something to do; lines of commands, policies, links. */
  remedy?: string;
}

/** A row of what threw: a problem in its own words. */
export function failed(check: string, error: unknown, remedy?: string): CheckResult {
  return { check, state: "problem", found: reason(error), ...(remedy && { remedy }) };
}

/**
 * A row of what OCI refused.
 *
 * @param policy the statement whose lack OCI answers with "not found".
 */
export function refused(check: string, error: unknown, policy: string): CheckResult {
  const status = error instanceof OciError ? error.status : undefined;
  if (status === 404 || status === 403) return failed(check, error, policy);
  if (status === 401) {
    return failed(
      check,
      error,
      "User, fingerprint, key and tenancy have to belong together, and the clock has to be right within five minutes.",
    );
  }
  return { check, state: "not checked", found: reason(error) };
}

/** The cause, where an error only says that something failed; its first line. */
export function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = cause instanceof Error ? cause.message || cause.name : String(cause);
  return text.split("\n")[0] ?? text;
}
