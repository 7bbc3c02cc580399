import { ToolError } from "../command-line/errors.js";

/** The reason why something could not be checked; it is shown in a row "not checked". */
export class UncheckedError extends ToolError {
  override readonly name = "UncheckedError";

  /** @param lasting whether asking again within the settling time is of no use. */
  constructor(
    message: string,
    readonly lasting = false,
  ) {
    super(message);
  }
}

export type Verdict = "green" | "red" | "not checked";

/** The result of checking one row once. */
export interface Finding {
  verdict: Verdict;
  /** What was found, or why the row was not checked. */
  seen: string;
  /** The likely cause, if it is known from something other than `seen`. */
  cause?: string;
  /** Whether checking again within the settling time is of no use. */
  lasting?: boolean;
  /** What heals a red row, if it is known. */
  remedy?: Remedy;
}

/** What heals a red row. */
export type Remedy =
  /** An object is not as Pulumi left it; `up --refresh` restores it. */
  | { kind: "refresh"; changed: string }
  /** A command of another tool. */
  | { kind: "command"; why: string; command: string };

export const green = (seen: string): Finding => ({ verdict: "green", seen });
export const red = (seen: string, cause?: string): Finding => ({ verdict: "red", seen, cause });

/** A red finding for something that an `up --refresh` restores and that waiting does not. */
export const drift = (seen: string, changed: string, cause?: string): Finding => ({
  ...red(seen, cause),
  lasting: true,
  remedy: { kind: "refresh", changed },
});

/** Whether checking again would not improve the result. */
export const isSettled = ({ verdict, lasting }: Finding) => verdict === "green" || lasting === true;

/** "Not checked" for an UncheckedError; any other error is a fault of the tools and is thrown again. */
export function unchecked(error: unknown): Finding {
  if (!(error instanceof UncheckedError)) throw error;
  return { verdict: "not checked", seen: error.message, lasting: error.lasting };
}

/** Runs a check; an UncheckedError becomes a "not checked" finding. */
export async function found(look: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    return unchecked(error);
  }
}
