import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { StackNotFoundError } from "@pulumi/pulumi/automation/errors.js";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";

import program from "../index.js";
import { Configuration } from "../sandbox/configuration.js";
import { Engine } from "../sandbox/engine.js";
import { UsageError } from "../sandbox/errors.js";
import { root } from "../sandbox/paths.js";
import type { Ground } from "./ground.js";

/**
 * A Pulumi stack, of the backend that `pulumi` is logged in to.
 *
 * @throws UsageError where there is no `pulumi` on the PATH, or no such stack.
 */
export async function stackGround(
  stackName: string,
  onEngine: (engine: Engine) => void,
): Promise<Ground> {
  const engine = await Engine.open(pulumiOnPath());
  onEngine(engine);
  const stack = await LocalWorkspace.selectStack(
    { stackName, projectName: "oke-ambient-mesh", program },
    // The provider's kubeconfig names the token helper relative to the project's root.
    { workDir: root, pulumiCommand: engine.command },
  ).catch((error: unknown) => {
    if (!(error instanceof StackNotFoundError)) throw error;
    throw new UsageError(
      `There is no stack ${stackName}. Make one: pulumi stack init ${stackName}, then the settings in README.md.`,
    );
  });
  const short = stackName.split("/").at(-1) ?? stackName;
  const read = () => Configuration.of(join(root, `Pulumi.${short}.yaml`));
  const folder = mkdtempSync(join(tmpdir(), "walk-"));
  return {
    stack,
    tried: (stage) => {
      const settings = read();
      settings.set([["stage"], stage]);
      const file = join(folder, `Pulumi.${short}.yaml`);
      writeFileSync(file, settings.toString(), { mode: 0o600 });
      return Promise.resolve(file);
    },
    keep: (stage) => {
      const settings = read();
      settings.set([["stage"], stage]);
      settings.save();
      return Promise.resolve();
    },
    close: () => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

function pulumiOnPath(): string {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const found = folders.map((folder) => join(folder, "pulumi")).find(isExecutable);
  if (found) return found;
  throw new UsageError(
    "pulumi is not on PATH. Install it (https://www.pulumi.com/docs/iac/download-install/), or walk on a sandbox: npm run walk.",
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
