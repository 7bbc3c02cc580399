import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../paths.js";
import { readArguments, rejectArguments, validName } from "../command-line/arguments.js";
import { describeFailure, exitStatusOf, ToolError } from "../command-line/errors.js";
import { capture, type Cast, fromAsciicast, toAsciicast } from "./capture.js";
import { framesOf } from "./frames.js";
import { paced } from "./pace.js";
import { animate } from "./svg.js";

const usage = `Usage: npm run record -- [options]

Records \`npm run walk -- --auto\` in a new sandbox and writes it as an animated picture.

  --name NAME     the sandbox to create, and destroy afterwards (default: record)
  --sandbox NAME  the same
  --out FILE      the picture (default: docs/walk.svg)
  --cast FILE     also keep the recording, as asciicast
  --from FILE     draw a recording that was kept; run nothing
  --help          this text`;

const size = { columns: 100, rows: 30 };
const title =
  "npm run walk: the seven steps of the walk-through, each with its changes and its results";

const options = {
  name: { type: "string" },
  sandbox: { type: "string" },
  out: { type: "string", default: join(root, "docs", "walk.svg") },
  cast: { type: "string" },
  from: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = readArguments(argv, options, usage);
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  rejectArguments(positionals);
  if (values.from) {
    await draw(fromAsciicast(readFileSync(values.from, "utf8")), values.out);
    return 0;
  }
  const sandbox = validName(values.name ?? values.sandbox ?? "record", "--name");
  destroy(sandbox);
  try {
    const recorded = await walk(sandbox);
    // First of all: what comes after it may fail, and the walk takes minutes.
    if (values.cast) writeFileSync(values.cast, toAsciicast(recorded));
    await draw(recorded, values.out);
  } finally {
    destroy(sandbox);
  }
  return 0;
}

async function walk(sandbox: string): Promise<Cast> {
  const command = `npm run -s walk -- --sandbox ${sandbox} --auto`;
  const { cast, status } = await capture(command, size, root);
  if (status === 0) return cast;
  throw new ToolError(`${command} ended with status ${status}. Run it yourself to see why.`);
}

async function draw(recorded: Cast, file: string): Promise<void> {
  const shown = paced(await framesOf(recorded));
  const picture = animate(shown, recorded, title);
  writeFileSync(file, picture);
  const seconds = Math.round(shown.reduce((sum, screen) => sum + screen.seconds, 0));
  const kilobytes = Math.round(Buffer.byteLength(picture) / 1024);
  process.stderr.write(`${file}: ${shown.length} screens, ${seconds} s, ${kilobytes} KB\n`);
}

function destroy(sandbox: string): void {
  const args = ["run", "-s", "sandbox", "--", "destroy", "--name", sandbox];
  const { status } = spawnSync("npm", args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) {
    throw new ToolError(`Sandbox ${sandbox} is not destroyed. Try again: npm ${args.join(" ")}`);
  }
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${describeFailure(error)}\n`);
  return exitStatusOf(error);
});
