import { readFileSync } from "node:fs";

import type { ClusterEntry, UserEntry } from "./schema.js";

/** Certificates and keys, as a file (`client-key`) or its content in base64 (`client-key-data`). */
type Kind = "certificate-authority" | "client-certificate" | "client-key";

const names: Record<Kind, string> = {
  "certificate-authority": "certificate",
  "client-certificate": "certificate",
  "client-key": "key",
};

/** `kubectl config view` replaces credentials by these words. */
const leftOut = "; `kubectl config view` leaves credentials out unless it is run with --raw";

/**
 * Why a certificate or key can't be read, as the words after `its cluster c has`: a missing file, or content that is not
 * PEM. Repeats no content.
 */
export function pemProblem(entry: ClusterEntry | UserEntry, kind: Kind): string | undefined {
  const values = entry as Record<string, unknown>;
  const [path, data] = [values[kind], values[`${kind}-data`]];
  let content = "";
  if (typeof data === "string" && data !== "") {
    content = Buffer.from(data, "base64").toString("latin1");
  } else if (typeof path === "string" && path !== "") {
    const problem = unreadable(kind, path);
    if (problem) return problem;
    content = readFileSync(path, "latin1");
  } else return undefined;
  if (content.includes("-----BEGIN ")) return undefined;
  return data
    ? `${kind}-data that is no ${names[kind]} in base64${data === "DATA+OMITTED" ? leftOut : ""}`
    : `${kind} ${String(path)}, which is no ${names[kind]} in PEM format`;
}

/** Why a file can't be read, as the words after `its user u has`. */
export function unreadable(key: string, path: string | undefined): string | undefined {
  if (!path) return undefined;
  try {
    readFileSync(path);
    return undefined;
  } catch (error) {
    return `${key} ${path}, which can't be read (${(error as NodeJS.ErrnoException).code})`;
  }
}

/** Why a token or password can't be sent, as the words after `its user u has`. */
export function secretProblem({ token, password }: UserEntry): string | undefined {
  const [name, value] = token ? ["token", token] : ["password", password];
  if (value === "REDACTED") return `the ${name} REDACTED${leftOut}`;
  // A header has one line.
  return token && /[\r\n\0]/.test(token.trim()) ? "a token of several lines" : undefined;
}
