import { BlockList, isIP } from "node:net";

type Environment = Record<string, string | undefined>;

/**
 * The proxy of a request, by the environment, as Go programs such as kubectl and the Pulumi plugins choose it
 * (https://pkg.go.dev/golang.org/x/net/http/httpproxy): `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, also in lowercase.
 * Requests to this machine never use one.
 *
 * @returns undefined for a direct connection.
 */
export function proxyFor(url: URL, env: Environment = process.env): URL | undefined {
  const proxy = parseProxy(variable(env, url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY"));
  return proxy && usesProxy(url, variable(env, "NO_PROXY")) ? proxy : undefined;
}

/** Whether the environment names a proxy. */
export function hasProxy(env: Environment = process.env): boolean {
  return variable(env, "HTTPS_PROXY") !== "" || variable(env, "HTTP_PROXY") !== "";
}

const variable = (env: Environment, name: string) => env[name] || env[name.toLowerCase()] || "";

function parseProxy(text: string): URL | undefined {
  if (text === "") return undefined;
  // `proxy:3128` parses as a URL with the scheme `proxy:`.
  for (const candidate of [text, `http://${text}`]) {
    if (URL.canParse(candidate)) {
      const url = new URL(candidate);
      if (url.hostname !== "") return url;
    }
  }
  return undefined;
}

function usesProxy(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  if (host === "localhost" || isIn("127.0.0.0/8", host) || isIn("::1/128", host)) return false;
  return !noProxy
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== "" && covers(entry, host, port));
}

/** Whether an entry of `NO_PROXY` covers a host: `*`, an address, a range, or a domain, the last two with a port. */
function covers(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  if (isIP(entry.split("/")[0] ?? "") && entry.includes("/")) return isIn(entry, host);
  const [, bracketed, plain, only] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? [];
  const named = isIP(entry) ? entry : (bracketed ?? plain);
  if (!named || (only !== undefined && only !== port)) return false;
  if (isIP(named))
    return isIP(host) !== 0 && isIn(`${named}/${isIP(named) === 4 ? 32 : 128}`, host);
  if (isIP(host)) return false;
  const domain = named.replace(/^\*(?=\.)/, "");
  return domain.startsWith(".")
    ? host.endsWith(domain)
    : host === domain || host.endsWith(`.${domain}`);
}

function isIn(range: string, host: string): boolean {
  const [network = "", bits = ""] = range.split("/");
  const family = isIP(network) === 4 ? "ipv4" : "ipv6";
  if (isIP(host) !== isIP(network) || isIP(host) === 0 || !/^\d{1,3}$/.test(bits)) return false;
  try {
    const list = new BlockList();
    list.addSubnet(network, Number(bits), family);
    return list.check(host, family);
  } catch {
    // A prefix longer than the address is not a range.
    return false;
  }
}
