import { spawn } from "node:child_process";

import { cancelled, log } from "../server.js";
import { isObject, type Properties } from "../values.js";

/** A command's output, without the last line break. */
export interface Output {
  stdout: string;
  stderr: string;
}

const running = new Set<() => void>();
// A command must not outlive the plugin and run beside the next operation.
process.on("exit", () => running.forEach((stop) => stop()));

/**
 * Runs a resource's command and logs its output according to `logging`.
 *
 * @param previous the last run's output, added to the environment unless `addPreviousOutputInEnv` is false.
 * @throws Error with exit status, command and output if the command fails.
 */
export async function run(
  command: string,
  inputs: Properties,
  urn: string,
  previous?: Partial<Output>,
): Promise<Output> {
  const { interpreter, dir, environment, stdin, logging, addPreviousOutputInEnv } = inputs;
  const [file = "/bin/sh", ...args] = (interpreter as string[] | undefined) ?? ["/bin/sh", "-c"];
  const last = addPreviousOutputInEnv === false ? undefined : previous;
  const child = spawn(file, [...args, command], {
    cwd: dir === undefined ? process.cwd() : String(dir),
    env: {
      ...process.env,
      ...(isObject(environment) ? (environment as Record<string, string>) : {}),
      ...(last?.stdout && { PULUMI_COMMAND_STDOUT: last.stdout }),
      ...(last?.stderr && { PULUMI_COMMAND_STDERR: last.stderr }),
    },
    // In a process group, so that a cancellation also stops what the command has started.
    detached: true,
  });
  const stop = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
    } catch {
      // it has ended
    }
  };
  running.add(stop);
  cancelled.addEventListener("abort", stop);
  const output: Output = { stdout: "", stderr: "" };
  let both = "";
  for (const stream of ["stdout", "stderr"] as const) {
    const logged = logging === undefined || logging === stream || logging === "stdoutAndStderr";
    let line = "";
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
      both += text;
      const lines = (line + text).split("\n");
      line = lines.pop() ?? "";
      if (logged) for (const whole of lines) log("info", whole, urn);
    });
    child[stream].on("end", () => {
      if (logged && line) log("info", line, urn);
    });
  }
  // A command that does not read stdin may close it: that is not a failure.
  child.stdin.on("error", () => undefined).end(stdin === undefined ? "" : String(stdin));
  const failure = await new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => {
      if (signal) resolve(`signal: ${signal}`);
      else resolve(code === 0 ? undefined : `exit status ${code}`);
    });
  });
  running.delete(stop);
  cancelled.removeEventListener("abort", stop);
  if (failure) throw new Error(`${failure}: running ${JSON.stringify(command)}:\n${both}`);
  const trimmed = (text: string) => text.replace(/\r?\n$/, "");
  return { stdout: trimmed(output.stdout), stderr: trimmed(output.stderr) };
}
