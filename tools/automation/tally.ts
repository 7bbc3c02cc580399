/** What has happened in one step of the walk-through during this operation. */
export interface Tally {
  /** Resources by what was done to them: `created`, `unchanged`. */
  counts: Map<string, number>;
  /** Names of those under way, with the time since when. */
  open: Map<string, number>;
  failed: boolean;
  /** When its last resource ended. */
  idleSince: number;
}

export const newTally = (): Tally => ({
  counts: new Map(),
  open: new Map(),
  failed: false,
  idleSince: Date.now(),
});

/** `4 created · network-vcn, nodes-pool 12 s`. */
export function summary({ counts, open, failed }: Tally): string {
  const done = [...counts].map(([word, count]) => `${count} ${word}`);
  const now = [...open].map(([name, since]) => {
    const seconds = Math.floor((Date.now() - since) / 1000);
    return seconds > 2 ? `${name} ${seconds} s` : name;
  });
  const more = now.length > 3 ? ` and ${now.length - 3} more` : "";
  const parts = [done.join(", "), now.slice(0, 3).join(", ") + more, failed ? "failed" : ""];
  return parts.filter(Boolean).join(" · ");
}
