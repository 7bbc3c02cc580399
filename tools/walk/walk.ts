import { CommandError } from "@pulumi/pulumi/automation/errors.js";

import type { Display } from "../automation/display.js";
import { engineMessage } from "../automation/engine-words.js";
import { InterruptedError, ToolError } from "../command-line/errors.js";
import { Interrupts } from "../automation/interrupts.js";
import { operate } from "../automation/operation.js";
import { loadBalancers, pageHints } from "../sandbox/page.js";
import { Progress } from "../automation/progress.js";
import { rowsBefore } from "../sandbox/session.js";
import { check } from "../verify/commands.js";
import { wrap } from "../command-line/wrap.js";
import { targetOf, verifyInputOf } from "../verify/target.js";
import { StepChanges } from "./step-changes.js";
import { deployedStage, type WalkedStack } from "./walked-stack.js";
import type { Key } from "./keys.js";
import type { Options } from "./options.js";
import { ResultTable } from "./result-table.js";
import { WalkedSandbox } from "./walked-sandbox.js";
import { WalkedPulumiStack } from "./walked-pulumi-stack.js";
import type { Ui } from "./ui.js";
import { type WalkStep, walkSteps, stepsAfter } from "./steps.js";

/** Goes through the steps that are left; what it says ends the show. */
export class Walk {
  private readonly interrupts: Interrupts;
  private readonly display: Display;
  private readonly ground: WalkedStack;
  private untouched = true;
  /** The step that is being made, and the last that was. */
  private at?: WalkStep;
  private done?: WalkStep;
  /** What was real and what stood in, as the table says. */
  private standIns: string[] = [];

  /** @param key waits for the person; without it the walk goes on by itself. */
  constructor(
    private readonly options: Options,
    private readonly ui: Ui,
    private readonly key?: () => Promise<Key>,
  ) {
    this.interrupts = new Interrupts((text) => ui.note(text));
    this.display = {
      update: (row) => rowsBefore.includes(row.title) && ui.prepare(row),
      note: (text) => ui.note(text),
      end: () => Promise.resolve(),
    };
    const { on } = options;
    this.ground =
      "stack" in on
        ? new WalkedPulumiStack(on.stack)
        : new WalkedSandbox(on.sandbox, new Progress(this.display, rowsBefore));
  }

  /**
   * @returns what there is to say at the end.
   * @throws InterruptedError with its exit status, ToolError where a step did not work.
   */
  async run(): Promise<string> {
    try {
      return await Promise.race([this.walk(), this.interrupts.abandoned]);
    } catch (error) {
      const { status, by } = this.interrupts;
      if (!status) {
        // Killed, or never begun: the Automation API has only the engine's own words.
        throw error instanceof CommandError ? this.failed(engineMessage(error.message)) : error;
      }
      const where = this.at ? ` at stage ${this.at.stage}` : "";
      throw new InterruptedError(
        `Stopped by ${by}${where}. ${this.soFar}\nGo on with: ${this.again}`,
        status,
      );
    } finally {
      await this.ground.close(this.untouched);
      this.interrupts.close();
    }
  }

  private async walk(): Promise<string> {
    await this.ground.open((engine) => (this.interrupts.engine = engine));
    const ahead = stepsAfter(await deployedStage(this.ground));
    if (ahead.length === 0) return this.nothingAhead();
    for (const step of ahead) {
      if (!(await this.goes(step))) return this.left();
    }
    return this.arrived();
  }

  /** One step; false where the person has had enough. */
  private async goes(step: WalkStep): Promise<boolean> {
    this.at = step;
    this.ui.begin(step);
    const changes = new StepChanges();
    await this.operation("preview", changes, await this.ground.tried(step.stage));
    this.ui.plan(changes);
    const summary = changes.summary || "Nothing to change";
    if ((await this.ask(`${summary}.  Enter: do it   q: quit`)) === "quit") return false;
    this.untouched = false;
    await this.ground.keep(step.stage);
    this.ui.apply(changes);
    await this.operation("up", changes);
    await this.proves(step);
    this.done = step;
    const next = walkSteps[step.number];
    if (!next) return true;
    return (await this.ask(`Enter: step ${next.number}, ${next.title}   q: quit`)) === "go";
  }

  private async operation(
    operation: "preview" | "up",
    changes: StepChanges,
    configFile?: string,
  ): Promise<void> {
    const progress = new Progress(this.display, rowsBefore);
    const follow = operation === "preview" ? changes.planned : changes.happened;
    const event: Progress["event"] = (happened) => {
      progress.event(happened);
      follow(happened);
      this.ui.moved();
    };
    try {
      const { seconds } = await operate(operation, this.ground.stack, { event }, configFile);
      const done = changes.result || "Nothing changed";
      if (operation === "up") this.ui.applied(`${done} in ${seconds} s. Now what must hold:`);
    } catch (error) {
      if (this.interrupts.status) throw error;
      const { diagnostics } = progress;
      this.ui.applied("It did not work.");
      if (this.at && diagnostics.some((said) => said.startsWith("verification-command: "))) {
        await this.proves(this.at, 0);
      }
      throw diagnostics.length > 0 ? this.failed(diagnostics.join("\n\n")) : error;
    } finally {
      await progress.end();
    }
  }

  /**
   * Shows the table of the step's stage, row by row.
   *
   * @throws ToolError where a row stays red.
   */
  private async proves({ stage }: WalkStep, settleSeconds?: number): Promise<void> {
    const from = this.options.on;
    const target = await targetOf(from);
    const input = await verifyInputOf(target, { from, stage, destroyed: false, json: false });
    const rows = new ResultTable(input);
    this.ui.table(rows.now);
    const report = await check(input, {
      settleSeconds,
      onRow: (row) => this.ui.table(rows.decided(row)),
    });
    this.ui.table(report.rows);
    this.standIns = report.notes;
    if (report.verdict !== "red") return;
    const option = "stack" in from ? `--stack ${from.stack}` : `--sandbox ${from.sandbox}`;
    throw new ToolError(
      `Stage ${stage} does not show what it must: the table says what is red.\n` +
        `Check again with: npm run -s verify -- ${option}\nGo on with: ${this.again}`,
    );
  }

  private ask(question: string): Promise<Key> {
    if (!this.key) return Promise.resolve("go");
    this.ui.ask(question);
    return this.key();
  }

  private async arrived(): Promise<string> {
    const { on } = this.options;
    const url: unknown = (await this.ground.stack.outputs())["productpageUrl"]?.value;
    const hints = "sandbox" in on ? pageHints(url, loadBalancers(on.sandbox)) : [];
    const down = `Take it down: ${this.ground.commands.destroy}`;
    const page = url ? [`The page: ${String(url)}`, ...hints] : [];
    const lines = ["That was the last step.", ...page, down, ...this.standIns];
    return `\n${lines.flatMap((line) => wrap(line, 80)).join("\n")}\n`;
  }

  private left(): string {
    const where = this.done ? `after stage ${this.done.stage}` : "with nothing changed";
    return `\nLeft ${where}. Go on with: ${this.again}\n`;
  }

  private nothingAhead(): string {
    const { on } = this.options;
    const { up } = this.ground.commands;
    const back =
      "stack" in on
        ? `pulumi config set stage cluster --stack ${on.stack} && ${up}`
        : `${up} --stage cluster`;
    return `\nThe last stage is reached: there is no step ahead.\nTo go back to the first: ${back}\n`;
  }

  private failed(said: string): ToolError {
    return new ToolError(`${said}\n\n${this.soFar} Go on with: ${this.again}`);
  }

  private get soFar(): string {
    return this.untouched ? "Nothing was changed." : "What was done is on record.";
  }

  private get again(): string {
    const { on } = this.options;
    if ("stack" in on) return `npm run walk -- --stack ${on.stack}`;
    return on.sandbox === "sandbox" ? "npm run walk" : `npm run walk -- --sandbox ${on.sandbox}`;
  }
}
