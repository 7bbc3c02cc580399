import { UsageError } from "../command-line/errors.js";
import { InterruptedError } from "../../emulator/errors.js";
import { outliveReaders } from "../command-line/output.js";
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
  outliveReaders();
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

/** Mistakes of the person who calls and steps that fail are sentences; only our own faults have a stack trace. */
function failed(error: unknown): number {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const spoken = ["UsageError", "SandboxError", "InterruptedError", "Unchecked"].includes(name);
  process.stderr.write(`\n${spoken ? message : stack}\n`);
  if (error instanceof InterruptedError) return error.status;
  return name === "UsageError" ? 2 : 1;
}

// Time limits leave timers and sockets behind that nobody waits for.
process.exit(await main(process.argv.slice(2)).catch(failed));
