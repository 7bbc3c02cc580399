/** Something that should have gone with the stack. */
export interface Leftover {
  /** `load balancer`, `subnet`, `CustomResourceDefinition`. */
  kind: string;
  name: string;
  /** Why it counts: it has the stack's tag, or is in a network of the stack. */
  why: string;
  /** The command that removes it; none for a sandbox's simulated OCI. */
  remove?: string;
  /** Whether its deletion is under way. */
  going?: boolean;
}

/** What a search for leftovers found. */
export interface Inventory {
  /** In the order in which they can be removed. */
  leftovers: Leftover[];
  /** What could not be checked, and why. */
  unchecked: string[];
}

/** 0 nothing is left, 1 something is, 3 nothing was found but not everything could be checked. */
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
 * @param note a last line.
 */
export function renderInventory(title: string, inventory: Inventory, note?: string): string {
  const { leftovers, unchecked } = inventory;
  const lines = leftovers.flatMap((left) => [
    lineOf(left),
    ...(left.remove ? [`    ${left.remove}`] : []),
  ]);
  const count = leftovers.length === 1 ? "1 resource" : `${leftovers.length} resources`;
  const withCommands = leftovers.some(({ remove }) => remove);
  const head =
    leftovers.length > 0
      ? `${title}: ${count} left${withCommands ? ". Remove in this order:" : ":"}`
      : unchecked.length > 0
        ? `${title}: nothing found, but not everything could be checked.`
        : `${title}: nothing is left.`;
  const unasked = unchecked.map((why) => `– not checked: ${why}`);
  return [head, ...lines, ...unasked, ...(note ? [note] : []), ""].join("\n");
}
