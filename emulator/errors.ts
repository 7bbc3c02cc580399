/** A failure that the caller can act on: the message says what is wrong and what to do. */
export class EmulatorError extends Error {
  override readonly name: string = "EmulatorError";
}

/** The tools' name for the same class, until they have an error of their own. */
export { EmulatorError as SandboxError };

/** Somebody asked the command to end, with Ctrl-C for one. Its message says what was done and how to go on. */
export class InterruptedError extends EmulatorError {
  override readonly name = "InterruptedError";
  constructor(
    message: string,
    /** Exit status: 128 and the signal's number, as a shell has it. */
    readonly status: number,
  ) {
    super(message);
  }
}
