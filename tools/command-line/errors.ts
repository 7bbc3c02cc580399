import { EmulatorError } from "../../emulator/errors.js";

/**
 * A failure that the person at the keyboard can act on. Its message says what is wrong, where, what is expected, and
 * the command that goes on. Exit status 1, no stack trace.
 */
export class ToolError extends Error {
  override readonly name: string = "ToolError";
}

/** A mistake in the command line itself, whatever else is on the machine: exit status 2. */
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

/** What keeps a file or folder from being used, by the system's code. */
const fileProblems: Record<string, string> = {
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the device",
  ENOTDIR: "a part of the path is a file",
  EEXIST: "a file of that name exists",
};

/** A sentence about a file or folder that cannot be used; undefined for any other error. */
function fileProblem(error: unknown): string | undefined {
  const { code = "", path } = (error ?? {}) as NodeJS.ErrnoException;
  const why = fileProblems[code];
  if (!why || !path) return undefined;
  return `${path} cannot be used: ${why} (${code}). Make it a place where your user may write, then repeat the command.`;
}

/** The message of an error that the person can act on, the stack trace of any other. */
export function describeFailure(error: unknown): string {
  if (isActionable(error)) return error.message;
  const file = fileProblem(error);
  if (file) return file;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The exit status that a command ends with after an error. */
export function exitStatusOf(error: unknown): number {
  if (error instanceof InterruptedError) return error.status;
  return error instanceof UsageError ? 2 : 1;
}
