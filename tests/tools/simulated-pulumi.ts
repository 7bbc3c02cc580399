import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { afterAll } from "@jest/globals";

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/**
 * A PATH whose `pulumi` answers as the real one would.
 *
 * @param cases of a shell's `case "$*" in`, by what is asked: `"stack select"*) echo "error: …" >&2; exit 3;;`
 */
export function simulatedPulumi(cases: string): string {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-"));
  folders.push(folder);
  const file = join(folder, "pulumi");
  writeFileSync(file, `#!/bin/sh\ncase "$*" in\nversion*) echo v3.250.0;;\n${cases}\nesac\n`);
  chmodSync(file, 0o755);
  return [folder, "/usr/bin", "/bin"].join(delimiter);
}
