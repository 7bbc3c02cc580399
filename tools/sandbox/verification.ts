import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";

import { readJson } from "../../emulator/host/files.js";
import type { Progress } from "../automation/progress.js";
import { ToolError } from "../command-line/errors.js";
import { isLive } from "../command-line/terminal.js";
import { root, stateDir } from "../paths.js";
import { SettingsFile } from "../stacks/settings-file.js";
import { renderReport } from "../verify/render.js";
import type { Report } from "../verify/report.js";
import { reportVariable } from "../verify/output/report-file.js";

/** The variable by which each verification of a sandbox leaves its report, and the file. */
export const reportEnvironment = (name: string): Record<string, string> => ({
  [reportVariable]: file(name),
});

const file = (name: string) => join(stateDir(name), "verification.json");

/** Removes the report of an earlier operation. */
export function forgetReport(name: string): void {
  rmSync(file(name), { force: true });
}

/** The report of the verification that this operation ran; undefined if it ran none. */
export const lastReport = (name: string) => readJson<Report>(file(name));

/**
 * The report of an `up`: the graph's own, or a new one if the graph had nothing to check or deferred the verification on
 * the way back to an earlier stage. Undefined if the settings turn it off.
 */
export async function verified(name: string, progress: Progress): Promise<Report | undefined> {
  if (!SettingsFile.read(name).verifies) return undefined;
  const ofGraph = lastReport(name);
  if (ofGraph && ofGraph.verdict !== "deferred") return ofGraph;
  forgetReport(name);
  const step = "Verification";
  progress.report({ step, detail: "checking the expected results" });
  const argv = ["--import", "tsx", join(root, "verify", "cli.ts"), `--sandbox=${name}`, "--json"];
  const child = spawn(process.execPath, argv, {
    cwd: root,
    env: { ...process.env, ...reportEnvironment(name) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  const report = lastReport(name);
  if (!report) {
    progress.fail(step, "did not run");
    const again = `Continue with: npm run -s verify -- --name ${name}`;
    throw new ToolError(
      `The verification did not run: ${said.trim() || `exit status ${code}`}\n${again}`,
    );
  }
  if (report.verdict === "red") progress.fail(step, "see the red rows");
  else progress.done(step);
  return report;
}

/** The report as a table for that stream. */
export function tableFor(report: Report, stream: NodeJS.WriteStream): string {
  const color = isLive(stream) && !process.env["NO_COLOR"];
  return renderReport(report, { ...(stream.columns && { width: stream.columns }), color });
}
