/** Something a person can act on; its message says what and how. Exit status 1, no stack trace. */
export class SandboxError extends Error {
  override readonly name: string = "SandboxError";
}

/** Somebody asked the command to end, with Ctrl-C for one. Its message says what was done and how to go on. */
export class InterruptedError extends SandboxError {
  override readonly name = "InterruptedError";
  constructor(
    message: string,
    /** Exit status: 128 and the signal's number, as a shell has it. */
    readonly status: number,
  ) {
    super(message);
  }
}
