/** The last `@` before the path ends the credentials, as in https://url.spec.whatwg.org/#authority-state. */
const pattern = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"]+@/gi;
/** In a text that is a URL alone, a password may have spaces. */
const alone = /^("?[a-z][a-z0-9+.-]*:\/\/)[^/?#"]+@/i;

/** Whether a text contains a URL with a user name or password: `https://user:pass@charts.example.com/istio`. */
export const hasCredentials = (text: string): boolean =>
  alone.test(text) || text.search(pattern) >= 0;

/** The text as it may be shown: `https://[secret]@charts.example.com/istio`. */
export const withoutCredentials = (text: string): string =>
  text.replace(alone, "$1[secret]@").replace(pattern, "$1[secret]@");

/** A URL as `fetch` takes it, which refuses one with credentials and repeats them in its error: as a header instead. */
export function basicAuthorization(url: string): { url: string; headers: Record<string, string> } {
  if (!hasCredentials(url)) return { url, headers: {} };
  const parts = new URL(url);
  const pair = [parts.username, parts.password].map(decodeURIComponent).join(":");
  parts.username = "";
  parts.password = "";
  const authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
  return { url: parts.href, headers: { authorization } };
}
