import { CommandError } from "@pulumi/pulumi/automation/errors.js";

import type { Display } from "../automation/display.js";
import { engineMessage } from "../automation/engine.js";
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

/** Leads through the steps that are ahead. */
export class Walk {
  private readonly interrupts: Interrupts;
  private readonly display: Display;
  private readonly walked: WalkedStack;
  private untouched = true;
  /** The current step, and the last one that was completed. */
  private at?: WalkStep;
  private done?: WalkStep;
  /** Notes of the last report: which parts were real and which simulated. */
  private standIns: string[] = [];

  /** @param key waits for a key; without it the walk does not wait. */
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
    this.walked =
      "stack" in on
        ? new WalkedPulumiStack(on.stack)
        : new WalkedSandbox(on.sandbox, new Progress(this.display, rowsBefore));
  }

  /**
   * @returns the closing text.
   * @throws InterruptedError with its exit status, ToolError if a step failed.
   */
  async run(): Promise<string> {
    try {
      return await Promise.race([this.walk(), this.interrupts.abandoned]);
    } catch (error) {
      const { status, by } = this.interrupts;
      if (!status) {
        // The engine was killed or did not start: only its own output explains the failure.
        throw error instanceof CommandError ? this.failed(engineMessage(error.message)) : error;
      }
      const where = this.at ? ` at stage ${this.at.stage}` : "";
      throw new InterruptedError(
        `Stopped by ${by}${where}. ${this.soFar}\nContinue with: ${this.again}`,
        status,
      );
    } finally {
      await this.walked.close(this.untouched);
      this.interrupts.close();
    }
  }

  private async walk(): Promise<string> {
    await this.walked.open((engine) => (this.interrupts.engine = engine));
    const ahead = stepsAfter(await deployedStage(this.walked));
    if (ahead.length === 0) return this.nothingAhead();
    for (const step of ahead) {
      if (!(await this.take(step))) return this.leave();
    }
    return this.complete();
  }

  /** Takes one step; false if the person quits. */
  private async take(step: WalkStep): Promise<boolean> {
    this.at = step;
    this.ui.begin(step);
    const changes = new StepChanges();
    await this.operation("preview", changes, await this.walked.previewConfig(step.stage));
    this.ui.plan(changes);
    const summary = changes.summary || "Nothing to change";
    if ((await this.ask(`${summary}.  Enter: apply   q: quit`)) === "quit") return false;
    this.untouched = false;
    await this.walked.setStage(step.stage);
    this.ui.apply(changes);
    await this.operation("up", changes);
    await this.verify(step);
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
      const { seconds } = await operate(operation, this.walked.stack, { event }, { configFile });
      const done = changes.result || "Nothing changed";
      if (operation === "up") this.ui.applied(`${done} in ${seconds} s. Expected results:`);
    } catch (error) {
      if (this.interrupts.status) throw error;
      const { diagnostics } = progress;
      this.ui.applied("The update failed.");
      if (this.at && diagnostics.some((text) => text.startsWith("verification-command: "))) {
        await this.verify(this.at, 0);
      }
      throw diagnostics.length > 0 ? this.failed(diagnostics.join("\n\n")) : error;
    } finally {
      await progress.end();
    }
  }

  /**
   * Checks the expected results of the step's stage and shows them row by row.
   *
   * @throws ToolError if a row stays red.
   */
  private async verify({ stage }: WalkStep, settleSeconds?: number): Promise<void> {
    const from = this.options.on;
    const target = await targetOf(from);
    const input = await verifyInputOf(target, { from, stage, destroyed: false, json: false });
    const rows = new ResultTable(input);
    this.ui.table(rows.now);
    const report = await check(input, {
      settleSeconds,
      onRow: (row) => this.ui.table(rows.update(row)),
    });
    this.ui.table(report.rows);
    this.standIns = report.notes;
    if (report.verdict !== "red") return;
    const option = "stack" in from ? `--stack ${from.stack}` : `--sandbox ${from.sandbox}`;
    throw new ToolError(
      `Stage ${stage} failed verification; see the red rows.\n` +
        `Verify again with: npm run -s verify -- ${option}\nContinue with: ${this.again}`,
    );
  }

  private ask(question: string): Promise<Key> {
    if (!this.key) return Promise.resolve("go");
    this.ui.ask(question);
    return this.key();
  }

  private async complete(): Promise<string> {
    const { on } = this.options;
    const url: unknown = (await this.walked.stack.outputs())["productpageUrl"]?.value;
    const hints = "sandbox" in on ? pageHints(url, loadBalancers(on.sandbox)) : [];
    const down = `Destroy it with: ${this.walked.commands.destroy}`;
    const page = url ? [`The page: ${String(url)}`, ...hints] : [];
    const lines = ["The walk-through is complete.", ...page, down, ...this.standIns];
    return `\n${lines.flatMap((line) => wrap(line, 80)).join("\n")}\n`;
  }

  private leave(): string {
    const where = this.done ? `after stage ${this.done.stage}` : "with nothing changed";
    return `\nStopped ${where}. Continue with: ${this.again}\n`;
  }

  private nothingAhead(): string {
    const { on } = this.options;
    const { up } = this.walked.commands;
    const back =
      "stack" in on
        ? `pulumi config set stage cluster --stack ${on.stack} && ${up}`
        : `${up} --stage cluster`;
    return `\nThe stack is at the last stage: there is no step ahead.\nTo return to the first stage: ${back}\n`;
  }

  private failed(message: string): ToolError {
    return new ToolError(`${message}\n\n${this.soFar} Continue with: ${this.again}`);
  }

  private get soFar(): string {
    return this.untouched ? "Nothing was changed." : "The stack's state records what was done.";
  }

  private get again(): string {
    const { on } = this.options;
    if ("stack" in on) return `npm run walk -- --stack ${on.stack}`;
    return on.sandbox === "sandbox" ? "npm run walk" : `npm run walk -- --sandbox ${on.sandbox}`;
  }
}
