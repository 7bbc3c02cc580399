import { Progress } from "../../automation/progress.js";
import { rowsBefore } from "../../sandbox/session.js";
import type { Options } from "../options.js";
import { displayOf } from "../screen/display.js";
import type { Ui } from "../screen/ui.js";
import { WalkedPulumiStack } from "./walked-pulumi-stack.js";
import { WalkedSandbox } from "./walked-sandbox.js";
import type { WalkedStack } from "./walked-stack.js";

/** The stack or sandbox that the options name. */
export function walkedBy({ on }: Options, ui: Ui): WalkedStack {
  if ("stack" in on) return new WalkedPulumiStack(on.stack);
  return new WalkedSandbox(on.sandbox, new Progress(displayOf(ui), rowsBefore));
}
