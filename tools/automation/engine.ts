import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { basename, delimiter, dirname } from "node:path";

import { PulumiCommand } from "@pulumi/pulumi/automation/cmd.js";

interface Result {
  stdout: string;
  stderr: string;
  code: number;
}

// Makes the Automation API's own error classes from a result; its types do not declare it.
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
 * The Pulumi CLI for the Automation API, each engine in its own process group.
 *
 * A terminal sends Ctrl-C to every process of the foreground group. The engine takes a second interrupt as "stop at
 * once", so it must receive only those that this class passes on.
 *
 * @param path the CLI's executable.
 */
export class Engine {
  private readonly running = new Set<ChildProcess>();
  private constructor(readonly command: PulumiCommand) {}

  static async open(path: string): Promise<Engine> {
    const folder = dirname(path);
    // PulumiCommand looks in `<root>/bin`, and on the PATH when it gets no root.
    const found = basename(folder) === "bin" ? { root: dirname(folder) } : {};
    const engine = new Engine(await PulumiCommand.get(found));
    const run: Run = (...call) => engine.run(path, ...call);
    // The Automation API calls it, although the type does not declare it:
    // https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/automation/cmd.ts
    Object.assign(engine.command, { run });
    return engine;
  }

  /** Passes on one interrupt: the first cancels the operation, the second terminates it at once. */
  interrupt(): void {
    for (const child of this.running) child.kill("SIGINT");
  }

  /**
   * Kills the engine, as a power cut would. Its plugins run in their own process groups and survive: the simulated ones
   * exit by themselves, and the next operation ends the others (`endOrphans`).
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
          ...inheritedEnvironment(env),
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
 * The part of this process's environment that the engine inherits. A passphrase in it, even an empty one, would take
 * precedence over the stack's passphrase file, and a stack over the selected one:
 * https://www.pulumi.com/docs/iac/cli/environment-variables/
 */
function inheritedEnvironment(env: Record<string, string>): NodeJS.ProcessEnv {
  const own = { ...process.env };
  delete own["PULUMI_STACK"];
  if ("PULUMI_CONFIG_PASSPHRASE_FILE" in env) delete own["PULUMI_CONFIG_PASSPHRASE"];
  return own;
}

/**
 * The Pulumi CLI's own message after a failure, without the frame that the Automation API adds:
 * `code: 6\n stdout: \n stderr: error: no stack named 'dev' found`.
 *
 * @param message of a CommandError.
 */
export function engineMessage(message: string): string {
  const framed = /^(code:|ended by) (\S+)\n stdout: ([^]*?)\n stderr: ([^]*)$/.exec(message);
  if (!framed) return message.trim();
  const [, how, what, stdout = "", stderr = ""] = framed;
  const plain = (text: string) => text.trim().replaceAll(/^error: /gm, "");
  // The stdout of a killed process only shows its progress.
  if (how === "ended by") {
    return [`pulumi was ended by ${what}.`, plain(stderr)].filter(Boolean).join("\n");
  }
  return plain(stderr) || plain(stdout) || `pulumi ended with exit status ${what}.`;
}
