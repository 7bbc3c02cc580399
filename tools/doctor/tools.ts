import { execFile } from "node:child_process";
import { promisify } from "node:util";

import semver from "semver";

import type { CheckResult } from "./check-result.js";

/** Least versions: what package.json says, and the first Pulumi with the error hooks that the program uses. */
const least = { node: "20.19.0", pulumi: "3.219.0" };

/** Versions of the tools that the program needs; undefined: not there. `kubectl` and `oci` are not among them. */
export interface Tools {
  node: string;
  pulumi?: string;
}

/** The tools of this machine. */
export async function installedTools(): Promise<Tools> {
  const run = promisify(execFile);
  const pulumi = await run("pulumi", ["version"], { timeout: 20_000 }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
  return { node: process.version, pulumi };
}

/** Whether they are there and new enough. */
export function toolRows({ node, pulumi }: Tools): CheckResult[] {
  return [
    row("Node.js", node, least.node, "https://nodejs.org/en/download"),
    row("Pulumi CLI", pulumi, least.pulumi, "https://www.pulumi.com/docs/iac/download-install/"),
  ];
}

function row(
  check: string,
  version: string | undefined,
  minimum: string,
  from: string,
): CheckResult {
  if (!version) {
    return { check, state: "problem", found: "not on PATH", remedy: `Install it: ${from}` };
  }
  const installed = semver.coerce(version);
  return installed && semver.gte(installed, minimum)
    ? { check, state: "ok", found: version }
    : { check, state: "problem", found: version, remedy: `${minimum} or newer: ${from}` };
}
