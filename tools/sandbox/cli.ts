import { styleText } from "node:util";

import { describeFailure, exitStatusOf, isActionable } from "../command-line/errors.js";
import { type Options, parseOptions, usage } from "./options.js";
import { ignoreBrokenPipe, printJsonError } from "../command-line/output.js";

/**
 * Runs one command.
 *
 * @returns its exit status: 0 success, 1 failure, 2 a wrong command line, 130 stopped by Ctrl-C.
 */
async function main(argv: string[]): Promise<number> {
  try {
    const options = parseOptions(argv);
    if (options === "help") {
      process.stdout.write(`${usage}\n`);
      return 0;
    }
    await run(options);
    return 0;
  } catch (error) {
    const prefix = styleText("red", "error:", { stream: process.stderr });
    process.stderr.write(`\n${prefix} ${describeFailure(error)}\n`);
    const { message, verification } = error as Error & { verification?: object };
    printJsonError(
      argv,
      isActionable(error) ? message : describeFailure(error),
      verification && { verification },
    );
    return exitStatusOf(error);
  }
}

// Each command loads only what it needs: `status` must not wait for the engine's libraries.
async function run({ command, ...options }: Options): Promise<void> {
  const { name, json } = options;
  if (command === "tools") {
    const { prepareTools } = await import("./prepare.js");
    const { toolsText } = await import("./summary.js");
    const tools = await prepareTools(
      { command, ...options },
      json ? process.stderr : process.stdout,
    );
    print(json ? JSON.stringify(tools, undefined, 2) : toolsText(tools));
  } else if (command === "status" || command === "kubeconfig" || command === "env") {
    await look(command, name, json);
  } else {
    const stream = json ? process.stderr : process.stdout;
    // Before the engine's libraries are loaded, which takes seconds.
    stream.write(`${doing[command]} the sandbox "${name}" …\n`);
    const { runOperation } = await import("./commands.js");
    const { operationText } = await import("./summary.js");
    const report = await runOperation(command, { command, ...options }, stream);
    print(json ? JSON.stringify(report, undefined, 2) : operationText(command, options, report));
  }
}

/** The commands that change nothing. */
async function look(
  command: "status" | "kubeconfig" | "env",
  name: string,
  json: boolean,
): Promise<void> {
  const { environment, kubeconfig, status } = await import("../stacks/sandbox-status.js");
  if (command === "status") {
    const { loadBalancers, pageUrl } = await import("./page.js");
    const found = status(name);
    const page = pageUrl(found.page, loadBalancers(name));
    const now = { ...found, ...(page && { page }) };
    const { statusText } = await import("./summary.js");
    print(json ? JSON.stringify(now, undefined, 2) : statusText(name, now));
  } else if (command === "kubeconfig") {
    const path = kubeconfig(name);
    print(json ? JSON.stringify({ kubeconfig: path }) : path);
  } else {
    const { exportLines } = await import("./summary.js");
    const { languageHostNote } = await import("./language-host.js");
    const variables = environment(name);
    // On stderr, since a shell evaluates stdout.
    for (const note of languageHostNote(variables["PATH"] ?? "")) process.stderr.write(`${note}\n`);
    print(json ? JSON.stringify(variables, undefined, 2) : exportLines(variables));
  }
}

const doing = {
  up: "Bringing up",
  preview: "Previewing an update of",
  refresh: "Reading the real state of",
  destroy: "Destroying",
};

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

ignoreBrokenPipe();
process.exitCode = await main(process.argv.slice(2));
// Do not wait for work that Ctrl-C left running, such as a build.
if (process.exitCode > 2) process.exit();
