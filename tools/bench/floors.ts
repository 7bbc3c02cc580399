import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import * as k8s from "@pulumi/kubernetes";
import { LocalWorkspace, type PulumiFn, type Stack } from "@pulumi/pulumi/automation/index.js";

import type { Engine } from "../automation/engine.js";
import { inline } from "../automation/inline.js";
import { stateDir } from "../paths.js";
import { engineEnvironment } from "../sandbox/recovery/engine-processes.js";
import { backendEnvironment } from "../stacks/sandbox-backend.js";
import { environment, kubeconfig } from "../stacks/sandbox-status.js";

/** A stack with no resource: what the engine takes for itself. */
export const emptyStack = (name: string, engine: Engine): Promise<Stack> =>
  openFloor(name, engine, "empty", async () => ({}), {
    ...backendEnvironment(name),
    ...engineEnvironment(name),
  });

/**
 * A stack of ConfigMaps on the sandbox's cluster, through the same plugin: what the engine and the plugin take for that
 * many resources.
 */
export function configMapStack(name: string, engine: Engine, count: number): Promise<Stack> {
  const path = kubeconfig(name);
  const program = inline(async () => {
    const provider = new k8s.Provider("cluster", { kubeconfig: path });
    for (let index = 1; index <= count; index++) {
      const data = { index: String(index) };
      new k8s.core.v1.ConfigMap(`floor-${index}`, { data }, { provider });
    }
    return {};
  });
  return openFloor(name, engine, "configmaps", program, {
    ...environment(name),
    ...engineEnvironment(name),
  });
}

function openFloor(
  name: string,
  engine: Engine,
  project: string,
  program: PulumiFn,
  envVars: Record<string, string>,
): Promise<Stack> {
  const workDir = join(stateDir(name), project);
  mkdirSync(workDir, { recursive: true });
  writeFileSync(join(workDir, "Pulumi.yaml"), `name: ${project}\nruntime: nodejs\n`);
  return LocalWorkspace.createOrSelectStack(
    { stackName: project, projectName: project, program },
    { workDir, envVars, pulumiCommand: engine.command },
  );
}
