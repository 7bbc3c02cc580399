import { describeFailure, exitStatusOf, UsageError } from "../command-line/errors.js";
import { announce, ignoreBrokenPipe } from "../command-line/output.js";
import { isLive } from "../command-line/terminal.js";
import { command } from "../stacks/sandbox-command.js";
import { type Options, parseOptions, usage } from "./options.js";

/** `npm run walk -- --help` */
async function main(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options === "help") {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const { stdin, stdout } = process;
  const onTerminal = stdin.isTTY && stdout.isTTY;
  if (options.auto === undefined && !onTerminal) {
    throw new UsageError(
      "The walk waits for a key, but there is no terminal. Add --auto to continue without one.",
    );
  }
  return show(options);
}

async function show(options: Options): Promise<number> {
  const { stdin, stdout } = process;
  const live = isLive(stdout);
  if (!live) announce(`Starting the walk-through on the ${titleOf(options)}`);
  const [{ LiveUi }, { PlainUi }, { Keys }] = await Promise.all([
    import("./screen/live.js"),
    import("./screen/plain.js"),
    import("./screen/keys.js"),
  ]);
  // Closing the terminal also sends SIGHUP, which cancels the operation.
  ignoreBrokenPipe();
  const shell = shellOf(options);
  const ui = live ? new LiveUi(stdout, titleOf(options), shell) : new PlainUi(stdout, shell);
  const keys = stdin.isTTY ? new Keys(stdin) : undefined;
  let farewell = "";
  try {
    // The engine's libraries take seconds to load: a person sees the screen first, and may leave.
    const leave = () => process.exit(130);
    process.once("SIGINT", leave);
    const [{ Walk }, { walkedBy }] = await Promise.all([
      import("./walk.js"),
      import("./stack/walked.js"),
    ]);
    process.off("SIGINT", leave);
    farewell = await new Walk(
      options,
      walkedBy(options, ui),
      ui,
      keys && (() => keys.next()),
    ).run();
    return 0;
  } finally {
    keys?.close();
    ui.end(farewell);
  }
}

function titleOf({ on }: Options): string {
  if ("stack" in on) return `stack ${on.stack}`;
  return on.sandbox === "sandbox" ? "sandbox" : `sandbox ${on.sandbox}`;
}

function shellOf({ on }: Options): string | undefined {
  return "sandbox" in on ? `eval "$(${command("env", on.sandbox)})"` : undefined;
}

function failed(error: unknown): number {
  process.stderr.write(`\n${describeFailure(error)}\n`);
  return exitStatusOf(error);
}

// Do not wait for the timers and sockets that time limits leave behind.
process.exit(await main(process.argv.slice(2)).catch(failed));
