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

/** Settings with which an `up` ends when all is there. */
export const unverified = ["--config", "verify=false"];

/** A sandbox of a test's own name, driven as a person drives it: by the command line. */
export class TestSandbox {
  /** All that its commands have printed, on either stream. */
  readonly printed: string[] = [];
  /** What `env` prints: the same until another command is run. */
  private environment?: Record<string, string>;
  /** The stage it was brought to, or that nothing is left of it; undefined where neither is sure. */
  protected stands?: Stage | "nowhere";

  /**
   * @param env what the environment of its commands holds besides.
   * @param settings what its `up` to where a test begins takes besides.
   */
  constructor(
    readonly name: string,
    private readonly env: NodeJS.ProcessEnv = {},
    private readonly settings: readonly string[] = [],
  ) {}

  /** Goes to the stage at which a test begins, unless it is there: no test relies on another one. */
  async at(stage: Stage): Promise<void> {
    if (this.stands !== stage) await this.run("up", "--stage", stage, ...this.settings);
  }

  /** Takes away all there is, unless nothing is. */
  async gone(): Promise<void> {
    if (this.stands !== "nowhere") await this.run("destroy");
  }

  /** Runs an operation; what it reports, or an error with everything it said. */
  async run(operation: Operation, ...more: string[]): Promise<OperationReport> {
    const ran = await this.try(operation, "--json", ...more);
    if (ran.code !== 0) throw new Error(`${operation} ended with ${ran.code}:\n${ran.stderr}`);
    const report = JSON.parse(ran.stdout) as OperationReport;
    if (operation === "up") this.stands = report.outputs["stage"] as Stage;
    return report;
  }

  /** Runs a command whatever its exit status. */
  async try(...args: string[]): Promise<Ran> {
    this.moves(args);
    const ran = await this.execute(args);
    this.printed.push(ran.stdout, ran.stderr);
    this.moved(args, ran.code);
    return ran;
  }

  /** Starts a command in a process group of its own, to be interrupted or killed. */
  start(...args: string[]): ChildProcess {
    this.moves(args);
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
    const env = { ...process.env, ...(await this.own()) };
    return (await execute(program, args, { env, maxBuffer: 64 << 20 })).stdout;
  }

  /** What `env` prints. */
  async own(): Promise<Record<string, string>> {
    const printed = async () => (await this.try("env", "--json")).stdout;
    return (this.environment ??= JSON.parse(await printed()) as Record<string, string>);
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

  /** A command may change all that was known. */
  private moves([command]: string[]): void {
    this.environment = undefined;
    if (command === "up" || command === "destroy") this.stands = undefined;
  }

  /** A command has ended. */
  protected moved(args: string[], code: number | null): void {
    if (code !== 0) return;
    if (args[0] === "destroy") this.stands = "nowhere";
    const stage = args.indexOf("--stage") + 1;
    if (args[0] === "up" && stage > 0) this.stands = args[stage] as Stage;
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
