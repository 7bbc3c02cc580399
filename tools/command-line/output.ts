/**
 * Lets the command finish when the reader of its output goes away (`| head`). Without a listener each write error would
 * reach the Pulumi SDK, which reports it to the same closed pipe.
 */
export function ignoreBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
}

/**
 * Prints a failure as the JSON document that `--json` promises, even where the command line itself is wrong.
 *
 * @param more what the document holds besides the message.
 */
export function printJsonError(argv: string[], message: string, more: object = {}): void {
  const document = JSON.stringify({ error: message, ...more });
  if (argv.includes("--json")) process.stdout.write(`${document}\n`);
}

/** Says on stderr what begins, at once: before libraries that take seconds to load, and before other programs run. */
export function announce(what: string): void {
  process.stderr.write(`${what} …\n`);
}
