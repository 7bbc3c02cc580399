import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { basename, delimiter, dirname } from "node:path";

import { PulumiCommand } from "@pulumi/pulumi/automation/cmd.js";

interface Result {
  stdout: string;
  stderr: string;
  code: number;
}

// Turns a result into the error classes that the Automation API tells apart; not in its types.
const { createCommandError } = createRequire(import.meta.url)(
  "@pulumi/pulumi/automation/errors.js",
) as { createCommandError: (result: Result) => Error };

type Run = (
  args: string[],
  cwd: string,
  env: Record<string, string>,
  onOutput?: (text: string) => void,
  onError?: (text: string) => void,
) => Promise<Result>;

/**
 * The Pulumi CLI for the Automation API, each engine in a process group of its own.
 *
 * A terminal sends Ctrl-C to every process of the foreground group. The engine takes a second
 * interrupt as "stop at once", so it must get exactly the ones that are passed on to it.
 *
 * @param path the CLI's executable.
 */
export class Engine {
  private readonly running = new Set<ChildProcess>();
  private constructor(readonly command: PulumiCommand) {}

  static async open(path: string): Promise<Engine> {
    const folder = dirname(path);
    // It looks in `<root>/bin`; one that lies elsewhere was found on the PATH, as it does without a root.
    const found = basename(folder) === "bin" ? { root: dirname(folder) } : {};
    const engine = new Engine(await PulumiCommand.get(found));
    const run: Run = (...call) => engine.run(path, ...call);
    // Not in the type, but what the Automation API calls:
    // https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/automation/cmd.ts
    Object.assign(engine.command, { run });
    return engine;
  }

  /** Passes one interrupt on: the first ends an operation in order, the second at once. */
  interrupt(): void {
    for (const child of this.running) child.kill("SIGINT");
  }

  /**
   * Ends it as a power cut does. Its plugins, in process groups of their own, are not reached: those that stand in see
   * its end and go, the others are ended by the next operation (`endOrphans`).
   */
  kill(): void {
    for (const { pid } of this.running) if (pid !== undefined) process.kill(-pid, "SIGKILL");
  }

  get busy(): boolean {
    return this.running.size > 0;
  }

  private run(path: string, ...[args, cwd, env, onOutput, onError]: [...Parameters<Run>]) {
    return new Promise<Result>((resolve, reject) => {
      const child = spawn(path, [...args, "--non-interactive"], {
        cwd,
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          ...ownEnvironment(env),
          ...env,
          PATH: [dirname(path), env["PATH"] ?? process.env["PATH"]].join(delimiter),
          PULUMI_AUTOMATION_API: "true",
        },
      });
      this.running.add(child);
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
        onOutput?.(text);
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
        onError?.(text);
      });
      child.once("error", reject);
      child.once("close", (code, signal) => {
        this.running.delete(child);
        const status = code ?? -2;
        const ended = signal ? `ended by ${signal}` : `code: ${status}`;
        const toString = () => `${ended}\n stdout: ${stdout}\n stderr: ${stderr}\n`;
        const result = { stdout, stderr, code: status, toString };
        if (code === 0) resolve(result);
        else reject(createCommandError(result));
      });
    });
  }
}

/**
 * What the engine takes over of this process's environment. A passphrase of a person's own, even an empty one, would
 * win over the file that a stack's is in: https://www.pulumi.com/docs/iac/cli/environment-variables/
 */
function ownEnvironment(env: Record<string, string>): NodeJS.ProcessEnv {
  const own = { ...process.env };
  if ("PULUMI_CONFIG_PASSPHRASE_FILE" in env) delete own["PULUMI_CONFIG_PASSPHRASE"];
  return own;
}
