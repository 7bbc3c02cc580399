import { exitStatusOf, isActionable } from "../command-line/errors.js";
import { announce } from "../command-line/output.js";
import { stackNames } from "../stacks/stack-files.js";
import { readOptions } from "./options.js";

// A closed pipe, as by `head`, is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

try {
  const argv = process.argv.slice(2);
  const asked = readOptions(argv, stackNames);
  if (asked) announce(`Planning ${asked.stacks.join(", ")}`);
  const { here, run } = await import("./command.js");
  process.exitCode = await run(argv, here());
} catch (error) {
  // Mistakes in the command line or the configuration need no stack trace.
  const actionable =
    isActionable(error) || (await import("@pulumi/pulumi")).RunError.isInstance(error);
  console.error(actionable ? (error as Error).message : error);
  process.exitCode = exitStatusOf(error);
}
