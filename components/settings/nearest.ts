import { distance } from "fastest-levenshtein";

/** The known word closest to `word`, if close enough to be what was meant. Needs no library of the engine. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({
      candidate,
      edits: distance(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  if (!best || best.edits > Math.max(2, Math.ceil(word.length / 2))) return undefined;
  // One letter can become any word of two.
  return best.edits < word.length ? best.candidate : undefined;
}
