import { parseArgs } from "node:util";

import { examine } from "./examine.js";
import { exitCode, render } from "./report.js";
import { stackConfig } from "./stack.js";
import { installedTools } from "./tools.js";

const usage = `npm run doctor [-- [--stack <stack>] [--json]]

Looks at what \`pulumi up\` needs: tools, configuration, identity, region, compartment, limits, offered versions and
images, charts, Gateway API; on an existing cluster its version, other meshes, permissions. Changes nothing.
Without --stack: the selected stack. Exit status: 0 nothing is in the way, 1 something is, 2 wrong use.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      stack: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const [config, tools] = await Promise.all([stackConfig(values.stack), installedTools()]);
  const rows = await examine(config, tools);
  const { isTTY } = process.stdout;
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ stack: config.stack, rows }, null, 2)}\n`
      : render(`stack ${config.stack}`, rows, isTTY && !process.env["NO_COLOR"]),
  );
  return exitCode(rows);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
  process.exitCode = 2;
}
