import type { Stack } from "@pulumi/pulumi/automation/index.js";

import { connectTo } from "../../../components/kubeconfig/connect.js";
import type { Stage } from "../../../components/settings/types.js";
import type { Engine } from "../../automation/engine.js";
import { operate, type Outcome } from "../../automation/operation.js";
import type { Progress } from "../../automation/progress.js";
import { kubernetesCluster } from "../../verify/cluster/kubernetes.js";
import { targetOf, verifyInputOf } from "../../verify/target.js";
import {
  type Commands,
  type DeployedStage,
  deployedStage,
  type WalkedStack,
} from "./walked-stack.js";

/** A walked stack on a real engine and a cluster that it deploys. */
export abstract class EngineStack implements WalkedStack {
  abstract readonly commands: Commands;

  constructor(private readonly from: { sandbox: string } | { stack: string }) {}

  abstract open(onEngine: (engine: Engine) => void): Promise<void>;
  abstract page(url: unknown): { url?: string; hints: string[] };
  abstract close(untouched: boolean): Promise<void>;

  /** Available once it is open. */
  protected abstract get stack(): Stack;
  /** Writes the stack's settings with another stage, for a preview. @returns the file's path. */
  protected abstract previewConfig(stage: Stage): Promise<string>;
  /** Saves the stage in the stack's settings. */
  protected abstract setStage(stage: Stage): Promise<void>;

  stage(): Promise<DeployedStage> {
    return deployedStage(this.stack, this.commands);
  }

  async outputs(): Promise<Record<string, unknown>> {
    const all = Object.entries(await this.stack.outputs());
    return Object.fromEntries(all.map(([key, { value }]) => [key, value as unknown]));
  }

  async preview(stage: Stage, progress: Pick<Progress, "event">): Promise<void> {
    await operate("preview", this.stack, progress, {
      configFile: await this.previewConfig(stage),
    });
  }

  async up(stage: Stage, progress: Pick<Progress, "event">): Promise<Outcome> {
    await this.setStage(stage);
    return operate("up", this.stack, progress);
  }

  async subject(stage: Stage) {
    const { from } = this;
    const target = await targetOf(from);
    const input = await verifyInputOf(target, { from, stage, destroyed: false, json: false });
    return { input, cluster: kubernetesCluster(connectTo(input), input.namespace) };
  }
}
