import { execFile, spawn, type ChildProcess } from "node:child_process";
import { promisify } from "node:util";
import { join } from "node:path";

import type { Stage } from "../../components/settings/settings.js";
import type { OperationReport } from "../../tools/sandbox/commands.js";
import type { Operation } from "../../tools/automation/operation.js";
import { root } from "../../tools/paths.js";
import type { Status } from "../../tools/stacks/sandbox-status.js";
import type { Report } from "../../tools/verify/report.js";

const execute = promisify(execFile);

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Settings for an `up` without the verification. */
export const unverified = ["--config", "verify=false"];

/** A sandbox for one test file, controlled by its command line. */
export class TestSandbox {
  /** The output of all commands, from both streams. */
  readonly printed: string[] = [];
  /** The output of `env`, until another command runs. */
  private environment?: Record<string, string>;
  /** The deployed stage, or `nowhere` after a destroy; undefined if it is not certain. */
  protected place?: Stage | "nowhere";

  /**
   * @param env added to the environment of its commands.
   * @param settings options of the `up` in {@link at}.
   */
  constructor(
    readonly name: string,
    private readonly env: NodeJS.ProcessEnv = {},
    private readonly settings: readonly string[] = [],
  ) {}

  /** Deploys the stage unless it is deployed, so that no test depends on another one. */
  async at(stage: Stage): Promise<void> {
    if (this.place !== stage) await this.run("up", "--stage", stage, ...this.settings);
  }

  /** Destroys the sandbox unless it is destroyed. */
  async gone(): Promise<void> {
    if (this.place !== "nowhere") await this.run("destroy");
  }

  /**
   * Runs an operation.
   *
   * @returns its report.
   * @throws Error with its output, if it fails.
   */
  async run(operation: Operation, ...more: string[]): Promise<OperationReport> {
    const ran = await this.try(operation, "--json", ...more);
    if (ran.code !== 0) throw new Error(`${operation} ended with ${ran.code}:\n${ran.stderr}`);
    const report = JSON.parse(ran.stdout) as OperationReport;
    if (operation === "up") this.place = report.outputs["stage"] as Stage;
    return report;
  }

  /** Runs a command and returns its output and exit status. */
  async try(...args: string[]): Promise<Ran> {
    this.commandStarts(args);
    const ran = await this.execute(args);
    this.printed.push(ran.stdout, ran.stderr);
    this.commandEnded(args, ran.code);
    return ran;
  }

  /** Starts a command in a new process group, so that it can be interrupted or killed. */
  start(...args: string[]): ChildProcess {
    this.commandStarts(args);
    const env = { ...process.env, ...this.env };
    return spawn("node", this.argv(args), { cwd: root, env, detached: true, stdio: "pipe" });
  }

  async status(): Promise<Status> {
    return JSON.parse((await this.try("status", "--json")).stdout) as Status;
  }

  /** Runs `kubectl` with the sandbox's kubeconfig. */
  kubectl(...args: string[]): Promise<string> {
    return this.tool("kubectl", ...args);
  }

  /** Runs one of the control plane's programs in the environment that `env` prints. */
  async tool(program: string, ...args: string[]): Promise<string> {
    const env = { ...process.env, ...(await this.own()) };
    return (await execute(program, args, { env, maxBuffer: 64 << 20 })).stdout;
  }

  /** The environment that `env` prints. */
  async own(): Promise<Record<string, string>> {
    const printed = async () => (await this.try("env", "--json")).stdout;
    return (this.environment ??= JSON.parse(await printed()) as Record<string, string>);
  }

  /** Runs `npm run -s verify` and returns its report. */
  async verify(...args: string[]): Promise<Report> {
    const cli = ["--import", "tsx", join(root, "verify", "cli.ts")];
    const argv = [...cli, `--sandbox=${this.name}`, "--json", ...args];
    try {
      return JSON.parse((await execute("node", argv, { cwd: root })).stdout) as Report;
    } catch (error) {
      const { code, stdout, stderr } = error as Ran;
      // 1: a row is red, or there is no report; 3: a row is not checked.
      const report = JSON.parse(stdout || "{}") as Partial<Report>;
      if (report.rows) return report as Report;
      throw new Error(`verify ended with ${code}:\n${stderr}`);
    }
  }

  /** Runs `kubectl get` and returns the objects. */
  async get<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.kubectl("get", ...args, "-o", "json")) as T;
  }

  /** Forgets what the command may change. */
  private commandStarts([command]: string[]): void {
    this.environment = undefined;
    if (command === "up" || command === "destroy") this.place = undefined;
  }

  /** Records the place that the command has reached. */
  protected commandEnded(args: string[], code: number | null): void {
    if (code !== 0) return;
    if (args[0] === "destroy") this.place = "nowhere";
    const stage = args.indexOf("--stage") + 1;
    if (args[0] === "up" && stage > 0) this.place = args[stage] as Stage;
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
    return [
      "--import",
      "tsx",
      join(root, "tools", "sandbox", "cli.ts"),
      ...args,
      "--name",
      this.name,
    ];
  }
}
