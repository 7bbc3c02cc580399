/**
 * What the Pulumi CLI said for itself when it failed, without the frame in which the Automation API hands it over:
 * `code: 6\n stdout: \n stderr: error: no stack named 'dev' found`.
 *
 * @param message of a CommandError.
 */
export function engineMessage(message: string): string {
  const framed = /^(code:|ended by) (\S+)\n stdout: ([^]*?)\n stderr: ([^]*)$/.exec(message);
  if (!framed) return message.trim();
  const [, how, what, stdout = "", stderr = ""] = framed;
  const plain = (text: string) => text.trim().replaceAll(/^error: /gm, "");
  // Of one that was killed, stdout is how far it had come.
  if (how === "ended by") {
    return [`pulumi was ended by ${what}.`, plain(stderr)].filter(Boolean).join("\n");
  }
  return plain(stderr) || plain(stdout) || `pulumi ended with exit status ${what}.`;
}
