import type { Stack } from "@pulumi/pulumi/automation/index.js";

import type { Stage } from "../../components/settings/types.js";
import type { Engine } from "../automation/engine.js";
import { markInUse, stopIfUnused } from "../sandbox/in-use.js";
import type { Options } from "../sandbox/options.js";
import type { Progress } from "../automation/progress.js";
import { configure, openSession, type Session } from "../sandbox/session.js";
import { command } from "../stacks/sandbox-command.js";
import { status } from "../stacks/sandbox-status.js";
import type { WalkedStack } from "./walked-stack.js";

/** A sandbox, started as far as the engine needs it. */
export class WalkedSandbox implements WalkedStack {
  readonly commands: WalkedStack["commands"];
  private readonly wasRunning: boolean;
  private session?: Session;
  private releaseUse?: () => void;

  constructor(
    private readonly name: string,
    private readonly progress: Progress,
  ) {
    this.wasRunning = status(name).running;
    this.commands = { destroy: command("destroy", name), up: command("up", name) };
  }

  get stack(): Stack {
    return this.opened.stack;
  }

  async open(onEngine: (engine: Engine) => void): Promise<void> {
    this.releaseUse = markInUse(this.name);
    this.session = await openSession(this.options, this.progress, onEngine);
  }

  async previewConfig(stage: Stage): Promise<string> {
    const options: Options = { ...this.options, command: "preview", stage };
    return (await configure(options, this.opened.tools)) as string;
  }

  async setStage(stage: Stage): Promise<void> {
    await configure({ ...this.options, stage }, this.opened.tools);
  }

  async close(untouched: boolean): Promise<void> {
    this.releaseUse?.();
    if (untouched && !this.wasRunning) await stopIfUnused(this.name);
  }

  private get options(): Options {
    return { command: "up", name: this.name, json: false, config: [] };
  }

  private get opened(): Session {
    if (!this.session) throw new Error("not open");
    return this.session;
  }
}
