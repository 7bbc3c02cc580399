import type { Stack } from "@pulumi/pulumi/automation/index.js";

import type { Stage } from "../../../components/settings/types.js";
import type { Engine } from "../../automation/engine.js";
import { markInUse, stopIfUnused } from "../../sandbox/in-use.js";
import type { Options } from "../../sandbox/options.js";
import type { Progress } from "../../automation/progress.js";
import { loadBalancers, pageHints, pageUrl } from "../../sandbox/page.js";
import { configure, openSession, type Session } from "../../sandbox/session.js";
import { command } from "../../stacks/sandbox-command.js";
import { status } from "../../stacks/sandbox-status.js";
import { existingSandboxes, sandboxExists } from "../../stacks/sandboxes.js";
import { EngineStack } from "./engine-stack.js";
import type { Commands } from "./walked-stack.js";

/** A sandbox, started as far as the engine needs it. */
export class WalkedSandbox extends EngineStack {
  readonly commands: Commands;
  readonly missing?: string;
  private readonly wasRunning: boolean;
  private session?: Session;
  private releaseUse?: () => void;

  constructor(
    private readonly name: string,
    private readonly progress: Progress,
  ) {
    super({ sandbox: name });
    this.wasRunning = status(name).running;
    const up = command("up", name);
    const option = name === "sandbox" ? "" : ` -- --name ${name}`;
    this.commands = {
      destroy: command("destroy", name),
      up,
      to: (stage) => `${up} --stage ${stage}`,
      verify: `npm run -s verify -- --sandbox ${name}`,
      walk: `npm run walk${option}`,
    };
    // The default one needs no question: it is what a first walk is for.
    if (name !== "sandbox" && !sandboxExists(name)) {
      this.missing = [`There is no sandbox "${name}".`, ...existingSandboxes()].join(" ");
    }
  }

  protected get stack(): Stack {
    return this.opened.stack;
  }

  async open(onEngine: (engine: Engine) => void): Promise<void> {
    this.releaseUse = markInUse(this.name);
    this.session = await openSession(this.options, this.progress, onEngine);
  }

  protected async previewConfig(stage: Stage): Promise<string> {
    const options: Options = { ...this.options, command: "preview", stage };
    return (await configure(options, this.opened.tools)) as string;
  }

  protected async setStage(stage: Stage): Promise<void> {
    await configure({ ...this.options, stage }, this.opened.tools);
  }

  page(url: unknown) {
    const balancers = loadBalancers(this.name);
    const opens = pageUrl(url, balancers);
    return { ...(opens && { url: opens }), hints: pageHints(url, balancers) };
  }

  async close(untouched: boolean): Promise<void> {
    // Never opened: there may be no such sandbox.
    if (!this.releaseUse) return;
    this.releaseUse();
    if (!untouched || this.wasRunning) return;
    this.progress.note("Stopping the sandbox, which was not running before.");
    await stopIfUnused(this.name);
  }

  private get options(): Options {
    return { command: "up", name: this.name, json: false, config: [] };
  }

  private get opened(): Session {
    if (!this.session) throw new Error("not open");
    return this.session;
  }
}
