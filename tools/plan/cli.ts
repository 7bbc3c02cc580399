import * as pulumi from "@pulumi/pulumi";

import { here, run } from "./command.js";
import { exitStatusOf, ToolError } from "../command-line/errors.js";

// A closed pipe, as by `head`, is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

try {
  process.exitCode = await run(process.argv.slice(2), here());
} catch (error) {
  // Mistakes in the command line or the configuration need no stack trace.
  const actionable = error instanceof ToolError || pulumi.RunError.isInstance(error);
  console.error(actionable ? (error as Error).message : error);
  process.exitCode = exitStatusOf(error);
}
