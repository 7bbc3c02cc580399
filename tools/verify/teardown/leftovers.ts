/** Something that should have gone with the stack. */
export interface Leftover {
  /** `load balancer`, `subnet`, `CustomResourceDefinition`. */
  kind: string;
  name: string;
  /** Why it counts: it bears the stack's tag, or stands in what is the stack's. */
  why: string;
  /** The command that removes it; a sandbox's own OCI is reached by none. */
  remove?: string;
  /** Whether its deletion is under way. */
  going?: boolean;
}

/** What a search for leftovers found. */
export interface Inventory {
  /** In an order in which they can be removed. */
  leftovers: Leftover[];
  /** What could not be asked, and why. */
  unchecked: string[];
}

/** 0 nothing left, 1 something is, 3 nothing seen but not everything could be asked. */
export function exitCode({ leftovers, unchecked }: Inventory): 0 | 1 | 3 {
  return leftovers.length > 0 ? 1 : unchecked.length > 0 ? 3 : 0;
}

/** One line for each leftover, without the command that removes it. */
export const renderLeftovers = (leftovers: Leftover[]): string => leftovers.map(lineOf).join("\n");

const lineOf = ({ kind, name, why, going }: Leftover) =>
  `✖ ${kind} ${name}: ${why}${going ? ", being deleted" : ""}`;

/**
 * One line for each leftover, with the command that removes it below. Ends with a newline.
 *
 * @param standing what there is to say at the end of what still stands.
 */
export function renderInventory(title: string, inventory: Inventory, standing?: string): string {
  const { leftovers, unchecked } = inventory;
  const lines = leftovers.flatMap((left) => [
    lineOf(left),
    ...(left.remove ? [`    ${left.remove}`] : []),
  ]);
  const count = leftovers.length === 1 ? "1 thing is" : `${leftovers.length} things are`;
  const withCommands = leftovers.some(({ remove }) => remove);
  const head =
    leftovers.length > 0
      ? `${title}: ${count} left${withCommands ? ". Each with the command that removes it, in order:" : ":"}`
      : unchecked.length > 0
        ? `${title}: nothing found, but not everything could be asked.`
        : `${title}: nothing is left.`;
  const unasked = unchecked.map((why) => `– not checked: ${why}`);
  return [head, ...lines, ...unasked, ...(standing ? [standing] : []), ""].join("\n");
}
