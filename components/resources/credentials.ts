const schemes = /\b[a-z][a-z0-9+.-]*:\/\//gi;
/** Of an image or chart: `@sha256:…` is not followed by a host. */
const digest = /@sha256:[0-9a-f]{64}/;

/** Whether a text contains a URL with a user name or password: `https://user:pass@charts.example.com/istio`. */
export const hasCredentials = (text: string): boolean =>
  urlsIn(text).some((url) => credentialsIn(text, url).end > 0);

/** The text as it may be shown: `https://[secret]@charts.example.com/istio`. */
export function withoutCredentials(text: string): string {
  let shown = "";
  let from = 0;
  for (const url of urlsIn(text)) {
    const { end, possibleEnd } = credentialsIn(text, url);
    const { start } = url;
    if (start < from || possibleEnd === 0) continue;
    shown += `${text.slice(from, start)}[secret]@`;
    from = start + Math.max(end, possibleEnd);
  }
  return shown + text.slice(from);
}

interface Url {
  /** Where its scheme begins. */
  scheme: number;
  /** Where it goes on after the scheme. */
  start: number;
}

const urlsIn = (text: string): Url[] =>
  [...text.matchAll(schemes)].map(({ index, 0: { length } }) => ({
    scheme: index,
    start: index + length,
  }));

/**
 * Where the credentials of a URL end, after their `@`; 0 for none. They end with the last `@`: a password may have one,
 * and a slash that is not encoded, which puts the rest of it where a path would be.
 *
 * @returns `possibleEnd` also where they may be a port and a path: `u:80/x@host`.
 */
function credentialsIn(text: string, { scheme, start }: Url): { end: number; possibleEnd: number } {
  const rest = text.slice(start);
  const word = /^[^\s"]*/.exec(rest)?.[0] ?? "";
  const isQuoted = text[scheme - 1] === '"';
  // In a text that is a URL alone, and between quotes, a password may have spaces.
  const isAlone = scheme === (isQuoted ? 1 : 0);
  const all = isAlone ? rest : isQuoted ? rest.replace(/".*/s, "") : word;
  const url = (word.includes("@") ? word : all).split(digest)[0] ?? "";
  const [authority = ""] = /^[^/?#"]*/.exec(url) ?? [];
  const end = url.lastIndexOf("@") + 1;
  if (authority.includes("@")) return { end, possibleEnd: end };
  const [, port] = /^(?:\[[^\]]*\]|(?!\[)[^:]*):(.*)$/s.exec(authority) ?? [];
  if (port === undefined) return { end: 0, possibleEnd: 0 };
  return /^\d*$/.test(port)
    ? { end: 0, possibleEnd: word.includes("@") ? end : 0 }
    : { end, possibleEnd: end };
}

/** A URL as `fetch` takes it, which refuses one with credentials and repeats them in its error: as a header instead. */
export function basicAuthorization(url: string): { url: string; headers: Record<string, string> } {
  if (!URL.canParse(url)) return { url, headers: {} };
  const parts = new URL(url);
  if (!parts.username && !parts.password) return { url, headers: {} };
  const pair = [parts.username, parts.password].map(decodeURIComponent).join(":");
  parts.username = "";
  parts.password = "";
  const authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
  return { url: parts.href, headers: { authorization } };
}
