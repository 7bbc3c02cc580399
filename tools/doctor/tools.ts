import { execFile } from "node:child_process";
import { promisify } from "node:util";

import semver from "semver";

import type { CheckResult } from "./check-result.js";

/** Minimum versions: Node's from package.json, and the first Pulumi with the error hooks that the program uses. */
const minimum = { node: "20.19.0", pulumi: "3.219.0" };

/** Versions of the tools that the program needs; undefined: not installed. It needs neither `kubectl` nor `oci`. */
export interface Tools {
  node: string;
  pulumi?: string;
}

/** The tools on this machine. */
export async function installedTools(): Promise<Tools> {
  const run = promisify(execFile);
  const pulumi = await run("pulumi", ["version"], { timeout: 20_000 }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
  return { node: process.version, pulumi };
}

/** Whether they are installed and new enough. */
export function toolRows({ node, pulumi }: Tools): CheckResult[] {
  return [
    row("Node.js", node, minimum.node, "https://nodejs.org/en/download"),
    row("Pulumi CLI", pulumi, minimum.pulumi, "https://www.pulumi.com/docs/iac/download-install/"),
  ];
}

function row(check: string, version: string | undefined, least: string, from: string): CheckResult {
  if (!version) {
    return { check, state: "problem", found: "not on PATH", remedy: `Install it: ${from}` };
  }
  const installed = semver.coerce(version);
  return installed && semver.gte(installed, least)
    ? { check, state: "ok", found: version }
    : { check, state: "problem", found: version, remedy: `Install ${least} or newer: ${from}` };
}
