import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { isExecutable, onPath } from "../../emulator/host/programs.js";
import { root } from "../../tools/paths.js";
import { exitStatusOf, ToolError, UsageError } from "../../tools/command-line/errors.js";
import { Journal } from "./journal.js";
import { play } from "./scenario.js";
import { Shell } from "./shell.js";

const usage = `Usage: node --import tsx tests/kind/run.ts --kubeconfig FILE --stack NAME [options]

Goes through the whole walk-through on an existing, empty cluster, with the commands
that a person types: creates a stack in a backend of its own, walks to the last stage,
verifies, sabotages and repairs the mesh, goes a few stages back and forward, and
destroys. Writes every step, its time, and its results to summary.md.

  --kubeconfig FILE  of the cluster
  --context NAME     in it (default: its current context)
  --stack NAME       of the stack to create; Pulumi.NAME.yaml must not exist
  --settings FILE    what Pulumi.NAME.yaml starts as (default: Pulumi.local.yaml)
  --brief            walk only the last stage, try one sabotage, go to no other stage
  --report FOLDER    for summary.md and verify.json (default: kind-report)
  --help             this text

Exit status: 0 everything held; 1 the first expectation that was not met is in the
summary, or the run could not begin; 2 wrong usage.`;

async function main(): Promise<number> {
  const options = read();
  if (!options) return 0;
  const { stack, kubeconfig, context, report } = options;
  const settings = join(root, `Pulumi.${stack}.yaml`);
  if (existsSync(settings)) throw new UsageError(`${settings} exists. Choose another --stack.`);
  const pulumi = onPath("pulumi");
  if (!pulumi) {
    throw new ToolError(
      "pulumi is not on PATH. Install it: https://www.pulumi.com/docs/iac/download-install/",
    );
  }
  const folder = mkdtempSync(join(tmpdir(), "kind-run-"));
  const journal = new Journal(`The walk-through on stack ${stack}`, report);
  const host = hasLanguageHost(pulumi);
  journal.notes.push(
    `Node ${process.version} on ${process.platform}.`,
    host
      ? "`pulumi up` runs the program in Pulumi's Node language host; the walk runs it through the Automation API."
      : "This machine has no Node language host: each `up` runs the program through the Automation API.",
  );
  // The children get Ctrl-C too: the step that it ends fails, and what is there is destroyed.
  process.on("SIGINT", () => undefined);
  copyFileSync(options.settings, settings);
  try {
    const passed = await play({
      journal,
      shell: new Shell(root, environment(folder)),
      stack,
      kubeconfig,
      context,
      backend: pathToFileURL(join(folder, "state")).href,
      brief: options.brief,
      up: (...flags) => [...(host ? hosted : byAutomationApi), "--stack", stack, ...flags],
    });
    journal.finish();
    process.stdout.write(`\n${join(report, "summary.md")}\n`);
    return passed ? 0 : 1;
  } finally {
    // `pulumi stack rm` takes its settings with it: what is still there has resources in its state.
    if (existsSync(settings)) process.stdout.write(`The state is kept in ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
    rmSync(settings, { force: true });
  }
}

const hosted = [
  "pulumi",
  "up",
  "--yes",
  "--skip-preview",
  "--color",
  "never",
  "--suppress-progress",
];
const byAutomationApi = ["node", "--import", "tsx", "tests/kind/inline-up.ts"];

function read() {
  const { values } = parseArgs({
    options: {
      kubeconfig: { type: "string" },
      context: { type: "string" },
      stack: { type: "string" },
      settings: { type: "string", default: join(root, "Pulumi.local.yaml") },
      brief: { type: "boolean", default: false },
      report: { type: "string", default: "kind-report" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return undefined;
  }
  const { kubeconfig, stack, settings, report, context, brief } = values;
  if (!kubeconfig || !stack)
    throw new UsageError(`--kubeconfig and --stack are required.\n\n${usage}`);
  if (!/^[\w.-]+$/.test(stack)) throw new UsageError(`"${stack}" is not a stack's name.`);
  for (const file of [kubeconfig, settings]) {
    if (!existsSync(file)) throw new UsageError(`${file} does not exist.`);
  }
  const [from, to] = [resolve(settings), resolve(report)];
  return { kubeconfig: resolve(kubeconfig), stack, context, brief, settings: from, report: to };
}

/** Beside the CLI or on the PATH, where the engine looks for it. */
function hasLanguageHost(pulumi: string): boolean {
  const name = "pulumi-language-nodejs";
  return onPath(name) !== undefined || isExecutable(join(dirname(pulumi), name));
}

/** A login and a passphrase of the run's own: a person's stay as they are. */
function environment(folder: string): NodeJS.ProcessEnv {
  const passphrase = join(folder, "passphrase");
  mkdirSync(join(folder, "state"));
  writeFileSync(passphrase, randomBytes(16).toString("hex"), { mode: 0o600 });
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PULUMI_CREDENTIALS_PATH: join(folder, "credentials"),
    PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_SKIP_CONFIRMATIONS: "true",
  };
  for (const name of ["BACKEND_URL", "CONFIG_PASSPHRASE", "STACK", "ACCESS_TOKEN"]) {
    delete env[`PULUMI_${name}`];
  }
  return env;
}

process.exitCode = await main().catch((error: NodeJS.ErrnoException) => {
  const isUnparsed = error.code?.startsWith("ERR_PARSE_ARGS") ?? false;
  const isActionable = isUnparsed || error instanceof ToolError;
  process.stderr.write(`${isActionable ? error.message : error.stack}\n`);
  return isUnparsed ? 2 : exitStatusOf(error);
});
