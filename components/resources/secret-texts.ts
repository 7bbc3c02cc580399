/** Shorter texts are not looked for: `default` or `7.9` is in every resource. */
const shortest = 8;

/** Whether resources that contain the value are found by it. */
export const isSearchable = (value: unknown): boolean =>
  typeof value === "string" && value.length >= shortest;

/**
 * Texts in an encrypted value that resources must not show. Not those of `helmValues`, which the settings make secret
 * as a whole, because a short or common word there would hide half of the graph.
 *
 * @param value as Pulumi passes it: a text, which may be JSON.
 */
export function secretTexts(value: unknown): string[] {
  if (typeof value === "string") {
    const inner = /^[[{]/.test(value) ? parsed(value) : undefined;
    if (inner !== undefined) return secretTexts(inner);
    // The location of a bundle appears without its digest.
    const [location = ""] = value.split("#sha256=");
    return [value, location].filter(isSearchable);
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "helmValues" ? [] : secretTexts(inner),
  );
}

/** A function that puts `[secret]` in place of whole words in a message. */
export function withoutWords(words: readonly string[]): (message: string) => string {
  if (words.length === 0) return (message) => message;
  // The longest first: an address with its port before the one without.
  const parts = [...words]
    .sort((a, b) => b.length - a.length)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const whole = new RegExp(`(?<![\\w.-])(?:${parts.join("|")})(?![\\w-]|\\.\\w)`, "g");
  return (message) => message.replace(whole, "[secret]");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
