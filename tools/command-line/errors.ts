import { EmulatorError } from "../../emulator/errors.js";

/**
 * A failure that the person at the keyboard can act on. Its message says what is wrong, where, what is expected, and
 * the command that goes on. Exit status 1, no stack trace.
 */
export class ToolError extends Error {
  override readonly name: string = "ToolError";
}

/** A mistake in the command line itself: exit status 2. */
export class UsageError extends ToolError {
  override readonly name: string = "UsageError";
}

/** The person stopped the command, for example with Ctrl-C. The message says what was done and how to go on. */
export class InterruptedError extends ToolError {
  override readonly name = "InterruptedError";
  constructor(
    message: string,
    /** Exit status: 128 plus the signal's number, as a shell reports it. */
    readonly status: number,
  ) {
    super(message);
  }
}

/** Whether the message alone helps the person; any other error is a fault of the tools and needs its stack trace. */
export function isActionable(error: unknown): error is Error {
  return error instanceof ToolError || error instanceof EmulatorError;
}

/** The message of an error that the person can act on, the stack trace of any other. */
export function describeFailure(error: unknown): string {
  if (isActionable(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The exit status that a command ends with after an error. */
export function exitStatusOf(error: unknown): number {
  if (error instanceof InterruptedError) return error.status;
  return error instanceof UsageError ? 2 : 1;
}
