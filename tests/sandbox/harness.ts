import { execFile, spawn, type ChildProcess } from "node:child_process";
import { promisify } from "node:util";
import { join } from "node:path";

import type { OperationReport } from "../../sandbox/commands.js";
import type { Operation } from "../../sandbox/operation.js";
import { root } from "../../sandbox/paths.js";
import type { Status } from "../../sandbox/status.js";
import type { Report } from "../../verify/report.js";

const execute = promisify(execFile);

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** A sandbox of a test's own name, driven as a person drives it: by the command line. */
export class TestSandbox {
  /** All that its commands have printed, on either stream. */
  readonly printed: string[] = [];
  /** What `env` prints: the same until another command is run. */
  private environment?: NodeJS.ProcessEnv;

  /** @param env what the environment of its commands holds besides. */
  constructor(
    readonly name: string,
    private readonly env: NodeJS.ProcessEnv = {},
  ) {}

  /** Runs an operation; what it reports, or an error with everything it said. */
  async run(operation: Operation, ...more: string[]): Promise<OperationReport> {
    const ran = await this.try(operation, "--json", ...more);
    if (ran.code !== 0) throw new Error(`${operation} ended with ${ran.code}:\n${ran.stderr}`);
    return JSON.parse(ran.stdout) as OperationReport;
  }

  /** Runs a command whatever its exit status. */
  async try(...args: string[]): Promise<Ran> {
    this.environment = undefined;
    const ran = await this.execute(args);
    this.printed.push(ran.stdout, ran.stderr);
    return ran;
  }

  /** Starts a command in a process group of its own, to be interrupted or killed. */
  start(...args: string[]): ChildProcess {
    this.environment = undefined;
    const env = { ...process.env, ...this.env };
    return spawn("node", this.argv(args), { cwd: root, env, detached: true, stdio: "pipe" });
  }

  async status(): Promise<Status> {
    return JSON.parse((await this.try("status", "--json")).stdout) as Status;
  }

  /** `kubectl` against the sandbox's API server, by its own kubeconfig. */
  kubectl(...args: string[]): Promise<string> {
    return this.tool("kubectl", ...args);
  }

  /** A program that came with the control plane, in the environment that `env` prints. */
  async tool(program: string, ...args: string[]): Promise<string> {
    this.environment ??= JSON.parse((await this.try("env", "--json")).stdout) as NodeJS.ProcessEnv;
    const env = { ...process.env, ...this.environment };
    return (await execute(program, args, { env, maxBuffer: 64 << 20 })).stdout;
  }

  /** `npm run -s verify`, its report parsed. */
  async verify(...args: string[]): Promise<Report> {
    const cli = ["--import", "tsx", join(root, "verify", "cli.ts")];
    const argv = [...cli, `--sandbox=${this.name}`, "--json", ...args];
    try {
      return JSON.parse((await execute("node", argv, { cwd: root })).stdout) as Report;
    } catch (error) {
      const { code, stdout, stderr } = error as Ran;
      // A red row, or one that is not checked.
      if (code === 1 || code === 3) return JSON.parse(stdout) as Report;
      throw new Error(`verify ended with ${code}:\n${stderr}`);
    }
  }

  /** Objects of a kind, parsed. */
  async get<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.kubectl("get", ...args, "-o", "json")) as T;
  }

  private async execute(args: string[]): Promise<Ran> {
    const env = { ...process.env, ...this.env };
    try {
      const done = await execute("node", this.argv(args), { cwd: root, env, maxBuffer: 64 << 20 });
      return { code: 0, ...done };
    } catch (error) {
      const { code, stdout, stderr } = error as Ran;
      return { code, stdout, stderr };
    }
  }

  private argv(args: string[]): string[] {
    return ["--import", "tsx", join(root, "sandbox", "cli.ts"), ...args, "--name", this.name];
  }
}
