import { InterruptedError } from "../command-line/errors.js";
import { Interrupts } from "../automation/interrupts.js";
import { Progress } from "../automation/progress.js";
import type { Options } from "./options.js";
import { checkOverrides } from "./overrides.js";
import { openTools, runsPrometheus } from "./session.js";
import { SettingsFile } from "../stacks/settings-file.js";
import type { Tools } from "../../emulator/toolchain/index.js";

/**
 * Finds or builds the programs that a sandbox needs, before its first `up`: for a demo that must not wait for them, or
 * a test suite with time limits.
 *
 * @throws ToolError that says what to do; InterruptedError on Ctrl-C, which keeps what was built.
 */
export async function prepareTools(options: Options, stream: NodeJS.WriteStream): Promise<Tools> {
  checkOverrides(SettingsFile.read(options.name), options);
  const progress = new Progress(stream, ["Tools"], []);
  const prometheus = runsPrometheus({ ...options, command: "up" });
  const interrupts = new Interrupts((text) => progress.note(text));
  try {
    return await Promise.race([openTools(progress, prometheus), interrupts.abandoned]);
  } catch (error) {
    if (!interrupts.status) throw error;
    throw new InterruptedError(
      `Stopped by ${interrupts.by}. What was built is kept. Continue with: npm run -s sandbox -- tools`,
      interrupts.status,
    );
  } finally {
    interrupts.close();
    await progress.end();
  }
}
