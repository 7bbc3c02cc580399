import { ToolError } from "../command-line/errors.js";
import { expiryText, isExpired } from "../../components/settings/expiry.js";
import { clockProblem } from "./clock.js";
import { type AskPulumi, deployedStacks, expiryOf, type DeployedStack } from "./stacks.js";

/** What destroying stacks needs from outside. */
export interface Hands {
  pulumi: AskPulumi;
  say: (line: string) => void;
  /** Whether a person agrees; undefined: there is no one to ask. */
  ask?: (question: string) => Promise<boolean>;
  /** The time of a stack's API server in milliseconds; undefined if there is none that answers. */
  timeOf: (stack: string) => Promise<number | undefined>;
  /** This machine's clock. */
  now?: () => number;
  /** Runs a command whose output a person sees. @returns its exit status. */
  run: (command: string, args: string[]) => Promise<number>;
}

/** A stack with its expiry, as a line of the list. */
export function describeStack({ name, expiresAt }: DeployedStack, now = Date.now()): string {
  if (expiresAt === undefined) return `${name}  does not expire`;
  return `${name}  ${expiryText(expiresAt, now)}`;
}

/**
 * Lists the deployed stacks, and destroys those that have expired.
 *
 * @throws ToolError if this machine's clock is wrong: then nothing more is destroyed. Also if a teardown fails or leaves something; the others are destroyed nevertheless.
 */
export async function destroyExpired(
  { pulumi, say, ask, run, timeOf, now = Date.now }: Hands,
  yes: boolean,
): Promise<void> {
  const stacks = await deployedStacks(pulumi);
  if (stacks.length === 0) return say("No stack of this project has resources.");
  for (const stack of stacks) say(describeStack(stack, now()));
  const hasExpired = ({ expiresAt }: Pick<DeployedStack, "expiresAt">) =>
    expiresAt !== undefined && isExpired(expiresAt, now());
  // A clock that is behind would let every stack live on.
  for (const stack of stacks) await trustClock(stack, async () => undefined, now());
  const expired = stacks.filter(hasExpired);
  if (expired.length === 0) return say("\nNone has expired.");
  if (!yes && !ask) return say("\nDestroy those that have expired with: npm run expire -- --yes");
  const failed: string[] = [];
  for (const stack of expired) {
    const { name } = stack;
    if (!yes && !(await ask?.(`\nDestroy ${name} and everything in it?`))) continue;
    // It may have been extended since it was listed.
    const expiresAt = await expiryOf(name, pulumi);
    if (!hasExpired({ expiresAt })) {
      say(`${name} has been extended meanwhile.`);
      continue;
    }
    await trustClock(stack, timeOf, now());
    if (!(await destroy(name, run))) failed.push(name);
  }
  if (failed.length > 0) {
    throw new ToolError(
      `Not completely destroyed: ${failed.join(", ")}. See above, then run again: npm run expire`,
    );
  }
}

/** @throws ToolError if this machine's clock is wrong. */
async function trustClock(...about: Parameters<typeof clockProblem>): Promise<void> {
  const problem = await clockProblem(...about);
  if (problem === undefined) return;
  throw new ToolError(
    `A clock is wrong: ${problem}. Nothing is destroyed by a wrong clock. Set it, then run again: npm run expire`,
  );
}

async function destroy(stack: string, run: Hands["run"]): Promise<boolean> {
  const destroyed = await run("pulumi", ["destroy", "--yes", "--stack", stack]);
  if (destroyed !== 0) return false;
  return (await run("npm", ["run", "-s", "verify", "--", "--stack", stack, "--destroyed"])) === 0;
}
