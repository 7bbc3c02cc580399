import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";
import { parse, stringify } from "yaml";

import { root } from "../../tools/paths.js";
import { stackFile } from "../../tools/stacks/settings-file.js";
import type { TestSandbox } from "./harness.js";
import { type Config, program } from "./oke.js";

/** A second stack, a guest on a cluster that is somebody else's: the one of a sandbox that has nothing but it. */
export class Guest {
  private constructor(
    readonly environment: Record<string, string>,
    readonly stack: Stack,
    /** On that cluster, with the charts and definitions of this machine. */
    readonly settings: Config,
    private readonly settingsFile: string,
  ) {}

  static async open(sandbox: TestSandbox, stackName: string): Promise<Guest> {
    // With it goes the guest of a run that was killed.
    await sandbox.gone();
    await sandbox.at("cluster");
    const environment = await sandbox.own();
    // The Automation API runs the `pulumi` of this process's PATH.
    process.env["PATH"] = environment["PATH"];
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName, projectName: "oke-ambient-mesh", program },
      { workDir: root, envVars: environment },
    );
    const { config } = parse(readFileSync(stackFile(sandbox.name), "utf8")) as { config: Config };
    const settings = {
      cluster: "existing",
      existing: { kubeconfig: environment["KUBECONFIG"] },
      gateway: { serviceType: "ClusterIP" },
      mesh: config["oke-ambient-mesh:mesh"],
    };
    return new Guest(environment, stack, settings, join(root, `Pulumi.${stackName}.yaml`));
  }

  /** Writes the stack's file: its settings with these. */
  configure(more: Config): void {
    const all = { ...this.settings, ...more };
    const entries = Object.entries(all).map(([key, value]) => [`oke-ambient-mesh:${key}`, value]);
    writeFileSync(this.settingsFile, stringify({ config: Object.fromEntries(entries) as Config }));
  }

  /** Removes the stack's file. */
  close(): void {
    rmSync(this.settingsFile, { force: true });
  }
}
