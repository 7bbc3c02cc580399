import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";

import okeAmbientMesh from "../../index.js";
import { backendEnvironment } from "../stacks/sandbox-backend.js";
import { stackName } from "../stacks/settings-file.js";
import { engineEnvironment } from "./recovery/engine-processes.js";
import type { Engine } from "../automation/engine.js";
import { inline } from "../automation/inline.js";
import { root, stateDir } from "../paths.js";

/** The sandbox's stack, with the same `index.ts` that `pulumi up` runs. */
export function openStack(
  name: string,
  engine: Engine,
  environment: Record<string, string>,
): Promise<Stack> {
  mkdirSync(join(stateDir(name), "pulumi"), { recursive: true });
  return LocalWorkspace.createOrSelectStack(
    {
      stackName: stackName(name),
      projectName: "oke-ambient-mesh",
      program: inline(okeAmbientMesh),
    },
    {
      // The provider's kubeconfig names the token helper by a path from the project's root.
      workDir: root,
      pulumiCommand: engine.command,
      envVars: { ...backendEnvironment(name), ...engineEnvironment(name), ...environment },
    },
  );
}
