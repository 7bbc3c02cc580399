import { appendFileSync } from "node:fs";

import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";

import { type Stage, stages } from "../../../components/settings/types.js";
import { entryAt, expectationsAt } from "../../../components/verification/expectations.js";
import type { Engine } from "../../../tools/automation/engine.js";
import type { Outcome } from "../../../tools/automation/operation.js";
import { noResourceNames } from "../../../tools/automation/operation.js";
import { describeFailure, exitStatusOf } from "../../../tools/command-line/errors.js";
import { isLive } from "../../../tools/command-line/terminal.js";
import { Keys } from "../../../tools/walk/screen/keys.js";
import { LiveUi } from "../../../tools/walk/screen/live.js";
import { PlainUi } from "../../../tools/walk/screen/plain.js";
import type { WalkedStack } from "../../../tools/walk/stack/walked-stack.js";
import { Walk } from "../../../tools/walk/walk.js";
import { denied, input, page, reset, simulatedCluster } from "../verify/cluster.js";

// The walk on this process's terminal, on a stack without an engine: `simulated-walk.ts LOG [--at STAGE] [--auto N]
// [--missing] [--red] [--slow]`. It writes each operation to the log. `--red`: a policy is without effect; `--slow`: a
// preview takes a minute.

const [log = "", ...options] = process.argv.slice(2);
const option = (name: string) =>
  options.includes(name) ? (options[options.indexOf(name) + 1] ?? "") : undefined;
const note = (text: string) => appendFileSync(log, `${text}\n`);
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const curl = { page, reset, denied };

class SimulatedStack implements WalkedStack {
  readonly missing = options.includes("--missing")
    ? 'There is no sandbox "nope". Existing sandboxes: demo.'
    : undefined;
  readonly commands = {
    destroy: "destroy it",
    up: "up",
    to: (stage: Stage) => `up --stage ${stage}`,
    verify: "verify it",
    walk: "npm run walk",
  };
  private at = option("--at") as Stage | undefined;
  private cancel?: (error: Error) => void;

  async open(onEngine: (engine: Engine) => void) {
    note("open");
    const interrupt = () => this.cancel?.(new Error("canceled"));
    const isBusy = () => this.cancel !== undefined;
    const engine = {
      get busy() {
        return isBusy();
      },
      interrupt,
      kill: interrupt,
    };
    onEngine(engine as unknown as Engine);
  }
  stage() {
    return Promise.resolve(this.at ? { held: this.at, reached: this.at } : {});
  }
  outputs() {
    return Promise.resolve(this.out());
  }
  async preview(stage: Stage, progress: { event: (event: EngineEvent) => void }) {
    note(`preview ${stage}`);
    const canceled = new Promise<never>((_, reject) => (this.cancel = reject));
    try {
      await Promise.race([wait(options.includes("--slow") ? 60_000 : 300), canceled]);
    } catch (error) {
      note(`canceled ${stage}`);
      throw error;
    } finally {
      this.cancel = undefined;
    }
    progress.event(this.event("resourcePreEvent", stage));
    note(`previewed ${stage}`);
  }
  async up(stage: Stage, progress: { event: (event: EngineEvent) => void }): Promise<Outcome> {
    note(`up ${stage}`);
    progress.event(this.event("resourcePreEvent", stage));
    await wait(50);
    progress.event(this.event("resOutputsEvent", stage));
    this.at = stage;
    const changes = { create: 1, update: 0, replace: 0, delete: 0, same: 0 };
    const outputs = this.out();
    return { changes, resources: noResourceNames(), details: [], seconds: 0.1, outputs };
  }
  subject(stage: Stage) {
    const answers: Record<string, string> = {};
    for (const row of expectationsAt(stage)) {
      if (row.check !== "request") continue;
      const answer = entryAt(stage, row.answer);
      const seen = options.includes("--red") && answer === "reset" ? "page" : answer;
      if (seen) answers[`${row.client} ${row.method} ${row.way}`] = curl[seen];
    }
    note(`ask ${stage}`);
    return Promise.resolve({
      input: { ...input, stage, settleSeconds: 0 },
      cluster: simulatedCluster({ answers }),
    });
  }
  page(url: unknown) {
    return { ...(typeof url === "string" && { url }), hints: [] };
  }
  async close(untouched: boolean) {
    note(untouched ? "close untouched" : "close");
  }

  private out(): Record<string, unknown> {
    const hasPage = this.at && stages.indexOf(this.at) >= stages.indexOf("bookinfo");
    return hasPage ? { productpageUrl: "http://127.21.105.1:8080/productpage" } : {};
  }
  private event(kind: string, stage: Stage): EngineEvent {
    const type = "kubernetes:apps/v1:Deployment";
    const urn = `urn:pulumi:s::p::${type}::change-${stage}`;
    const metadata = { urn, op: "create", type, new: { custom: true, inputs: {} } };
    return { [kind]: { metadata } } as unknown as EngineEvent;
  }
}

const { stdout } = process;
const shell = 'eval "$(npm run -s sandbox -- env)"';
const ui = isLive(stdout) ? new LiveUi(stdout, "sandbox", shell) : new PlainUi(stdout, shell);
const keys = new Keys(process.stdin);
const auto = option("--auto");
const waits = auto === undefined ? {} : { auto: Number(auto) };
let farewell = "";
let status = 0;
try {
  farewell = await new Walk(waits, new SimulatedStack(), ui, () => keys.next()).run();
} catch (error) {
  farewell = `\n${describeFailure(error)}\n`;
  status = exitStatusOf(error);
} finally {
  keys.close();
  ui.end(farewell);
}
process.exit(status);
