import { execFile } from "node:child_process";

import { ToolError } from "../command-line/errors.js";

const limitMs = 60_000;

/** There is no `pulumi` on the PATH; the caller may name what works without it. */
export class PulumiMissing extends ToolError {
  constructor() {
    super("pulumi is not on PATH. Install it: https://www.pulumi.com/docs/iac/download-install/");
  }
}

/**
 * Runs the Pulumi CLI and parses the JSON that it prints. Its stdout may hold secrets and is never shown.
 *
 * @throws ToolError with Pulumi's own message if it fails, PulumiMissing if there is none.
 */
export async function pulumiJson<T>(args: string[]): Promise<T> {
  const text = await pulumi([...args, "--json"]);
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ToolError(`\`pulumi ${args.join(" ")}\` printed no JSON.`);
  }
}

/** Name of the selected stack. */
export async function selectedStack(): Promise<string> {
  const name = (await pulumi(["stack", "--show-name"])).trim();
  if (!name) throw new ToolError("No stack is selected. Name one with --stack, or use --sandbox.");
  return name;
}

function pulumi(args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      "pulumi",
      [...args, "--non-interactive"],
      { timeout: limitMs, killSignal: "SIGKILL", maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        const called = `\`pulumi ${args.join(" ")}\``;
        if (error.code === "ENOENT") {
          reject(new PulumiMissing());
        } else if (error.killed) {
          reject(new ToolError(`${called} did not finish within ${limitMs / 1000} s.`));
        } else reject(new ToolError(`${called} failed: ${stderr.trim() || error.message}`));
      },
    );
  });
}
