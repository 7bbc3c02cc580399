import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll } from "@jest/globals";

import { buildPlans } from "../../../tools/plan/build.js";
import type { Plans } from "../../../tools/plan/build.js";
import { here, run } from "../../../tools/plan/command.js";
import { root } from "../../../tools/paths.js";

/** Taken away at the end. */
export const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** The project's configuration, with the file of stack `dev` changed. */
export function stacksWith(change: (dev: string) => string, name = "dev"): string {
  const folder = mkdtempSync(join(tmpdir(), "plan-"));
  folders.push(folder);
  writeFileSync(join(folder, "Pulumi.yaml"), readFileSync(join(root, "Pulumi.yaml")));
  const dev = readFileSync(join(root, "Pulumi.dev.yaml"), "utf8");
  writeFileSync(join(folder, `Pulumi.${name}.yaml`), change(dev));
  return folder;
}

const built = new Map<string, Promise<Plans>>();

/** The same configuration is planned once in a test file. */
export const build: typeof buildPlans = (read) => {
  const key = JSON.stringify(read);
  const plans = built.get(key) ?? buildPlans(read);
  built.set(key, plans);
  return plans;
};

/** Runs the command as in the repository, without writing there. */
export async function plan(args: string[], place: Partial<ReturnType<typeof here>> = {}) {
  let out = "";
  let err = "";
  const status = await run(args, {
    ...here(),
    build,
    color: false,
    out: (text) => (out += text),
    err: (text) => (err += text),
    ...place,
  });
  return { status, out, err };
}
