import { CommandError } from "@pulumi/pulumi/automation/errors.js";

import { reaches, type Stage, stages } from "../../components/settings/types.js";
import { engineMessage } from "../automation/engine.js";
import { Interrupts } from "../automation/interrupts.js";
import { InterruptedError, ToolError } from "../command-line/errors.js";
import { Checks } from "./checks.js";
import { OperationFailed, Operations } from "./operations.js";
import type { Options } from "./options.js";
import { Questions } from "./questions.js";
import type { Key } from "./screen/keys.js";
import type { Ui } from "./screen/ui.js";
import type { WalkedStack } from "./stack/walked-stack.js";
import { StepChanges } from "./step-changes.js";
import { stepAfter, stepAt, stepBefore, type WalkStep } from "./steps.js";
import * as words from "./words.js";

/** What follows a step: another one, or the walk's last words. */
type Next = WalkStep | string;

/** Leads a stack through the steps of the walk-through. */
export class Walk {
  private readonly interrupts: Interrupts;
  private readonly operations: Operations;
  private readonly checks: Checks;
  private readonly questions: Questions;
  private readonly position: words.Position = { doing: "opening" };
  private untouched = true;
  /** The stage that the stack was at before the one that it is at. */
  private before?: Stage;
  private page: { url?: string; hints: string[] } = { hints: [] };

  /** @param key waits for a key; without it the walk does not wait. */
  constructor(
    { auto }: Pick<Options, "auto">,
    private readonly walked: WalkedStack,
    private readonly ui: Ui,
    key?: () => Promise<Key>,
  ) {
    this.interrupts = new Interrupts((text) => ui.note(text));
    this.operations = new Operations(walked, ui, this.interrupts);
    this.checks = new Checks(walked, ui);
    this.questions = new Questions(ui, key, auto);
  }

  /**
   * @returns the closing text.
   * @throws InterruptedError with its exit status, ToolError if a step failed.
   */
  async run(): Promise<string> {
    const { interrupts, operations, walked } = this;
    try {
      return await Promise.race([this.walk(), interrupts.abandoned, operations.stopped]);
    } catch (error) {
      const { status, by } = interrupts;
      if (status) {
        throw new InterruptedError(words.stopped(by, this.position, walked.commands), status);
      }
      if (error instanceof OperationFailed) throw this.failed(error.message);
      // The engine was killed or did not start: only its own output explains the failure.
      throw error instanceof CommandError ? this.failed(engineMessage(error.message)) : error;
    } finally {
      await operations.cancel();
      await walked.close(this.untouched);
      interrupts.close();
    }
  }

  private async walk(): Promise<string> {
    const { walked, questions } = this;
    if (walked.missing && questions.attended) {
      this.ui.note(walked.missing);
      const key = await questions.ask({ on: "create it", accepts: ["quit"] });
      if (key === "quit") return "\nNothing was created.\n";
    }
    await walked.open((engine) => (this.interrupts.engine = engine));
    const { held, reached } = await walked.stage();
    if (held) await this.arrive(held, reaches(held)("bookinfo") ? undefined : {});
    let next: Next = reached ? (stepAfter(reached) ?? (await this.atTheEnd())) : stepAt("cluster");
    while (typeof next !== "string") next = await this.take(next);
    return next;
  }

  /** The walk starts again at its end: there is no step ahead, but the table to show and the ways back. */
  private async atTheEnd(): Promise<Next> {
    const last = stepAt("traffic");
    if (this.questions.attended) return this.revisit(last);
    const first = "The stack is at the last stage: there is no step ahead.";
    return words.ended(first, this.page, this.walked.commands);
  }

  /** What a step would change, or where the person goes instead. A key may answer before the preview has ended. */
  private async propose(step: WalkStep): Promise<StepChanges | Next> {
    const { questions, operations } = this;
    const { held } = this.position;
    const back = held !== undefined && stages.indexOf(step.stage) < stages.indexOf(held);
    const further = stepBefore(back ? step.stage : held);
    const others = [
      ...(held ? [`PageUp: stay at ${held}`] : []),
      ...(further ? [`b: back to ${further.stage}`] : []),
    ];
    const stays = held ? (["up", "again"] as const) : [];
    const accepts = ["quit" as const, ...stays, ...goes(further, step)];
    this.at("preview", step);
    this.ui.begin(step, back, questions.attended ? [...others, "q: quit"] : []);
    const first = await questions.unless(accepts, operations.preview(step.stage));
    let key: Key = "go";
    if (first instanceof StepChanges) {
      this.at("plan", step);
      this.ui.plan(first);
      key = await questions.ask({ on: "apply", others, accepts });
    } else key = first;
    if (key === "quit") return words.left(this.position, this.walked.commands);
    const other = this.target(key, further, held);
    if (other) return other.stage === held ? this.revisit(other) : other;
    return first as StepChanges;
  }

  /** Takes one step, forward or back, if the person wants it. */
  private async take(step: WalkStep): Promise<Next> {
    const changes = await this.propose(step);
    if (!(changes instanceof StepChanges)) return changes;
    this.at("update", step);
    this.untouched = false;
    this.ui.apply(changes);
    try {
      const { seconds, outputs } = await this.operations.up(step.stage, changes);
      await this.arrive(step.stage, outputs);
      const done = changes.result || "Nothing changed";
      return await this.results(step, `${done} in ${seconds} s. What that changes:`);
    } catch (error) {
      if (error instanceof OperationFailed && this.position.doing === "update") {
        await this.explain(step, error);
      }
      throw error;
    }
  }

  /** The step that a key leads to. */
  private target(key: Key, before: WalkStep | undefined, held?: Stage): WalkStep | undefined {
    if (key === "back") return before;
    if (key === "up" || key === "again") return held && stepAt(held);
    return stages.some((stage) => stage === key) ? stepAt(key as Stage) : undefined;
  }

  /** Shows the results of the stage that the stack is at, without an update. */
  private revisit(step: WalkStep): Promise<Next> {
    this.ui.begin(step);
    const before = this.before ?? stepBefore(step.stage)?.stage;
    return this.results(step, `Stage ${step.stage}${before ? `, compared with ${before}` : ""}:`);
  }

  /** Shows what a step has led to, and asks where to go from there. */
  private async results(step: WalkStep, heading: string): Promise<Next> {
    const { questions, operations } = this;
    const [next, before] = [stepAfter(step.stage), stepBefore(step.stage)];
    let green = await this.check(step, heading);
    for (;;) {
      if (!green && !questions.attended) throw this.checks.red(step.stage);
      if (green && next) operations.lookAhead(next.stage);
      const live =
        green && !next && questions.lingers ? await this.checks.count(step.stage) : undefined;
      const on = !green ? "check again" : next ? `step ${next.number}, ${next.stage}` : "end";
      const others = [
        ...(next ? [] : ["1–7: any stage"]),
        ...(before ? [`b: back to ${before.stage}`] : []),
        "r: ask again",
      ];
      const accepts = ["again" as const, "quit" as const, ...goes(before, step)];
      const key = await questions.ask({ on, others, accepts }, true);
      live?.stop();
      if (key === "quit") {
        if (!green) throw this.checks.red(step.stage);
        return words.left(this.position, this.walked.commands);
      }
      if (key === "again" || (key === "go" && !green)) {
        green = await this.check(step, heading, key === "again" ? 0 : undefined);
        continue;
      }
      if (key === "go") return next ?? this.complete();
      const other = this.target(key, before);
      if (other) return other;
    }
  }

  /** Shows the results of the step's stage; whether none is red. */
  private async check(step: WalkStep, heading: string, settleSeconds?: number): Promise<boolean> {
    this.at("check", step);
    this.ui.results(heading);
    const before = this.before ?? stepBefore(step.stage)?.stage;
    const green = await this.checks.show(step.stage, before, settleSeconds);
    this.at("results", step);
    return green;
  }

  /** Shows the table of a stage whose update failed in its own verification. */
  private async explain(step: WalkStep, { diagnostics }: OperationFailed): Promise<void> {
    this.ui.results("The update failed.");
    if (!diagnostics.some((text) => text.startsWith("verification-command: "))) return;
    const green = await this.check(step, "The update failed. Expected results:", 0);
    if (!green) throw this.checks.red(step.stage);
    this.at("update", step);
  }

  /** The stack is at a stage. */
  private async arrive(stage: Stage, outputs?: Record<string, unknown>): Promise<void> {
    this.before = this.position.held;
    this.position.held = stage;
    const { productpageUrl } = outputs ?? (await this.walked.outputs());
    this.page = this.walked.page(productpageUrl);
    this.ui.page(this.page.url);
  }

  private at(doing: words.Position["doing"], step: WalkStep): void {
    Object.assign(this.position, { doing, step });
  }

  private complete(): string {
    const first = "The walk-through is complete.";
    return words.ended(first, this.page, this.walked.commands, this.checks.notes);
  }

  private failed(message: string): ToolError {
    const again = this.walked.commands.walk;
    return new ToolError(`${message}\n\n${words.soFar(this.position)} Continue with: ${again}`);
  }
}

/** The keys that lead from a step to another one. */
const goes = (before: WalkStep | undefined, { stage }: WalkStep): Key[] => [
  ...(before ? (["back"] as const) : []),
  ...stages.filter((other) => other !== stage),
];
