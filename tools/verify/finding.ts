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

/** What one look at one row found. */
export interface Finding {
  verdict: Verdict;
  /** What was seen; of a row that was not checked, why. */
  seen: string;
  /** The likely cause, where something besides `seen` tells it. */
  cause?: string;
  /** Whether another look within the settling time is of no use. */
  lasting?: boolean;
}

export const green = (seen: string): Finding => ({ verdict: "green", seen });
export const red = (seen: string, cause?: string): Finding => ({ verdict: "red", seen, cause });

/** Whether another look would show nothing better. */
export const isSettled = ({ verdict, lasting }: Finding) => verdict === "green" || lasting === true;

/** "Not checked" for what could not be asked; anything else is a fault of ours and thrown again. */
export function unchecked(error: unknown): Finding {
  if (!(error instanceof UncheckedError)) throw error;
  return { verdict: "not checked", seen: error.message, lasting: error.lasting };
}

/** A finding, or "not checked" for what could not be asked. */
export async function found(look: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    return unchecked(error);
  }
}
