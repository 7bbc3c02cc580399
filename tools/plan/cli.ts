import * as pulumi from "@pulumi/pulumi";

import { here, run } from "./command.js";
import { ToolError } from "../command-line/errors.js";

// A reader that has seen enough, such as `head`, is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

try {
  process.exitCode = await run(process.argv.slice(2), here());
} catch (error) {
  // A mistake in what was asked or configured needs no stack trace; anything else is ours.
  const ofTheirs = error instanceof ToolError || pulumi.RunError.isInstance(error);
  console.error(ofTheirs ? (error as Error).message : error);
  process.exitCode = 1;
}
