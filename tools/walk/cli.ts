import { describeFailure, exitStatusOf, UsageError } from "../command-line/errors.js";
import { ignoreBrokenPipe } from "../command-line/output.js";
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
  if (!options.auto && !onTerminal) {
    throw new UsageError("There is no terminal on which a key could be pressed: add --auto.");
  }
  return show(options);
}

async function show(options: Options): Promise<number> {
  const { stdin, stdout } = process;
  // The engine's libraries take seconds to load, which a mistake need not wait for.
  const [{ Walk }, { LiveUi }, { PlainUi }, { Keys }] = await Promise.all([
    import("./walk.js"),
    import("./live.js"),
    import("./plain.js"),
    import("./keys.js"),
  ]);
  // A terminal that is closed sends SIGHUP besides, which ends the engine in order.
  ignoreBrokenPipe();
  const ui = stdout.isTTY ? new LiveUi(stdout, titleOf(options)) : new PlainUi(stdout);
  const keys = stdin.isTTY ? new Keys(stdin) : undefined;
  let farewell = "";
  try {
    const key = options.auto || !keys ? undefined : () => keys.next();
    farewell = await new Walk(options, ui, key).run();
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

function failed(error: unknown): number {
  process.stderr.write(`\n${describeFailure(error)}\n`);
  return exitStatusOf(error);
}

// Time limits leave timers and sockets behind that nobody waits for.
process.exit(await main(process.argv.slice(2)).catch(failed));
