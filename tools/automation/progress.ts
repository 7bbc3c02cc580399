import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";

import type { Display } from "./display.js";
import { openDisplay } from "./open-display.js";
import type { Report } from "../../emulator/toolchain/shares.js";
import { logicalName, type ProgressStep, stepOf, progressSteps } from "./steps.js";
import { newTally, summary, type Tally } from "./tally.js";

const past: Record<string, string> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
  "create-replacement": "replaced",
  "delete-replaced": "replaced",
  read: "read",
  refresh: "refreshed",
  same: "unchanged",
};

// The engine warns about each plugin in each process; the summary names the simulated ones.
const fromPath = /^using pulumi-resource-\S+ from \$PATH/;

// The engine logs it for each provider resource and process: https://github.com/pulumi/pulumi/blob/v3.259.0/pkg/host/host.go
const olderPlugin = /^resource plugin (\S+) is expected to have version >=(\S+), but has (\S+);/;

// Of the whole process: the walk has a progress for each step, and no line of a small terminal to give away twice.
const warned = new Set<string>();

// The engine's closing message after a failure or a cancellation; the cause has been reported before it.
const conclusion = /^(update|preview|refresh|destroy) (failed|canceled)$/;

/** How long a step without a running resource still counts as running, in milliseconds: the next may be about to start. */
const pause = 1_500;

/** Turns the reports of the sandbox and the engine into rows that a person can follow. */
export class Progress {
  private readonly display: Display;
  private readonly tallies = new Map<string, Tally>();
  private readonly tick: NodeJS.Timeout;
  private readonly errors: string[] = [];
  private readonly counted = new Set<string>();
  /** Steps of the walk-through that the caller reports on instead of the engine. */
  private readonly taken = new Set<string>();

  /**
   * @param where a stream, or the caller's own display.
   * @param before titles of the rows above the walk-through's steps, in order.
   * @param shownSteps the steps to be shown.
   */
  constructor(
    where: NodeJS.WriteStream | Display,
    before: string[],
    private readonly shownSteps: readonly ProgressStep[] = progressSteps,
  ) {
    const titles = [...before, ...shownSteps.map(({ title }) => title)];
    this.display = "update" in where ? where : openDisplay(where, titles);
    this.tick = setInterval(() => this.refreshOpen(), 1000);
    this.tick.unref();
  }

  /** The sandbox's own reports, one row per step. */
  readonly report: Report = ({ step, detail, fraction }) => {
    this.taken.add(step);
    const percent = fraction === undefined ? "" : `${Math.round(fraction * 100)} % `;
    this.display.update({ title: step, detail: `${percent}${detail ?? ""}`, state: "running" });
  };

  done(title: string, detail?: string): void {
    this.taken.add(title);
    this.display.update({ title, state: "done", ...(detail && { detail }) });
  }

  fail(title: string, detail: string): void {
    this.taken.add(title);
    this.display.update({ title, state: "failed", detail });
  }

  /** A line that stays. */
  note(text: string): void {
    this.display.note(text);
  }

  /** The engine's error messages, each once. */
  get diagnostics(): readonly string[] {
    return this.errors;
  }

  /** What the operation has done so far: `34 created, 2 unchanged`. */
  get soFar(): string {
    const all = new Map<string, number>();
    for (const { counts } of this.tallies.values()) {
      for (const [word, count] of counts) all.set(word, (all.get(word) ?? 0) + count);
    }
    // Changed resources first, unchanged ones last.
    return [...new Set(Object.values(past))]
      .filter((word) => all.has(word))
      .map((word) => `${all.get(word)} ${word}`)
      .join(", ");
  }

  readonly event = (event: EngineEvent): void => {
    if (event.resourcePreEvent) this.begin(event.resourcePreEvent.metadata);
    if (event.resOutputsEvent) this.complete(event.resOutputsEvent.metadata);
    if (event.resOpFailedEvent) this.failed(event.resOpFailedEvent.metadata.urn);
    if (event.diagnosticEvent) this.diagnose(event.diagnosticEvent);
  };

  async end(): Promise<void> {
    clearInterval(this.tick);
    for (const { title } of this.shownSteps) {
      if (this.taken.has(title)) continue;
      const tally = this.tallies.get(title);
      if (!tally) this.display.update({ title, state: "skipped", detail: "nothing to do" });
      else if (tally.failed || tally.open.size > 0) this.fail(title, summary(tally));
      else this.done(title, summary(tally));
    }
    await this.display.end();
  }

  private begin({ urn, op }: { urn: string; op: string }): void {
    const tally = this.tally(urn);
    if (!tally || op === "same") return;
    tally.open.set(logicalName(urn), Date.now());
    this.show(urn);
  }

  private complete({ urn, op }: { urn: string; op: string }): void {
    const tally = this.tally(urn);
    const word = past[op];
    tally?.open.delete(logicalName(urn));
    if (!tally || !word) return;
    // A component has two such events, the second when it registers its outputs; a replacement has three.
    const once = `${word} ${urn}`;
    if (this.counted.has(once)) return this.show(urn);
    this.counted.add(once);
    tally.counts.set(word, (tally.counts.get(word) ?? 0) + 1);
    this.show(urn);
  }

  private failed(urn: string): void {
    const tally = this.tally(urn);
    if (!tally) return;
    tally.open.delete(logicalName(urn));
    tally.failed = true;
    this.show(urn);
  }

  private diagnose(event: NonNullable<EngineEvent["diagnosticEvent"]>): void {
    // Color directives of the engine's display: <{%reset%}>
    const message = listed(event.message.replaceAll(/<\{%.*?%\}>/g, "").trimEnd());
    if (!message || event.ephemeral) return;
    const where = event.urn ? `${logicalName(event.urn)}: ` : "";
    const said = `${where}${message}`;
    if (event.severity === "warning" && !fromPath.test(message)) this.warn(said);
    if (event.severity !== "error" || this.errors.includes(said) || conclusion.test(said)) return;
    this.errors.push(said);
    this.note(`error: ${said.split("\n", 1)[0]}`);
  }

  /** Shows each warning once. */
  private warn(message: string): void {
    const [, plugin, wanted, version] = olderPlugin.exec(message) ?? [];
    const text = plugin
      ? `The ${plugin} plugin is ${version}, older than its SDK (${wanted}). The engine uses it anyway.`
      : `warning: ${message}`;
    if (warned.has(text)) return;
    warned.add(text);
    this.note(text);
  }

  private tally(urn: string): Tally | undefined {
    const step = stepOf(urn);
    if (!step) return undefined;
    const tally = this.tallies.get(step.title) ?? newTally();
    this.tallies.set(step.title, tally);
    return tally;
  }

  private show(urn: string): void {
    const step = stepOf(urn);
    const tally = step && this.tallies.get(step.title);
    if (!step || !tally) return;
    tally.idleSince = Date.now();
    this.display.update({ title: step.title, detail: summary(tally), state: "running" });
  }

  private refreshOpen(): void {
    for (const [title, tally] of this.tallies) {
      if (this.taken.has(title)) continue;
      const detail = summary(tally);
      if (tally.open.size > 0) {
        const waited = [...tally.open.values()].some((since) => Date.now() - since > 2000);
        if (waited) this.display.update({ title, detail, state: "running" });
      } else if (Date.now() - tally.idleSince > pause) {
        this.display.update({ title, detail, state: tally.failed ? "failed" : "done" });
      }
    }
  }
}

/** The engine lists the errors of one resource under a heading, even a single error. */
function listed(message: string): string {
  const [heading = "", ...rest] = message.split("\n");
  if (!/^\d+ errors? occurred:$/.test(heading)) return message;
  return rest.map((line) => line.replace(/^\s*\* /, "")).join("\n");
}
