/** A failure that the caller can act on: the message says what is wrong and what to do. */
export class EmulatorError extends Error {
  override readonly name: string = "EmulatorError";
}
