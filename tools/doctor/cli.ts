import { readArguments, rejectArguments } from "../command-line/arguments.js";
import { describeFailure, exitStatusOf } from "../command-line/errors.js";
import { Waiting } from "../command-line/heartbeat.js";
import { announce, printJsonError } from "../command-line/output.js";

const usage = `npm run doctor [-- [--stack <stack>] [--json]]

Checks what \`pulumi up\` needs: tools, configuration, identity, region, compartment, limits, offered versions and
images, charts, Gateway API; for an existing cluster its version, permissions, and all that would stop the mesh. Changes nothing.
Default stack: the selected one. Exit status: 0 no problem, 1 a problem or a failure, 2 wrong command line.`;

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = readArguments(
    argv,
    {
      stack: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
    usage,
  );
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  rejectArguments(positionals);
  const { stack } = values;
  announce(`Checking what ${stack === undefined ? "the selected stack" : `stack ${stack}`} needs`);
  const [{ configToExamine }, { installedTools }] = await Promise.all([
    import("./stack.js"),
    import("./tools.js"),
  ]);
  const waiting = values.json ? undefined : new Waiting();
  const asked = Promise.all([configToExamine(stack), installedTools()]);
  const [config, tools] = await (waiting?.answer("Pulumi", asked) ?? asked);
  // Oracle's SDK writes its retries to the console, where --json's answer belongs.
  for (const level of ["log", "info", "warn"] as const) console[level] = () => undefined;
  // The OCI and Kubernetes clients take a second to load; a wrong command line must not wait for them.
  const [{ examine }, { exitCode, render }] = await Promise.all([
    import("./examine.js"),
    import("./render.js"),
  ]);
  const rows = await examine(config, tools, process.env, waiting?.answer);
  waiting?.end();
  const { isTTY } = process.stdout;
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ stack: config.stack, rows }, null, 2)}\n`
      : render(`stack ${config.stack}`, rows, isTTY && !process.env["NO_COLOR"]),
  );
  return exitCode(rows);
}

const argv = process.argv.slice(2);
try {
  process.exitCode = await main(argv);
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  printJsonError(argv, (error as Error).message);
  process.exitCode = exitStatusOf(error);
}
