import * as http from "node:http";
import * as https from "node:https";
import { Readable } from "node:stream";

import { basicAuthorization } from "../resources/credentials.js";
import { hasProxy, proxyFor } from "./proxy.js";
import { systemRoots } from "./system-roots.js";
import { agentFor, proxyAuthorization } from "./tunnel.js";

/** The part of a request that this package needs. */
export interface FetchOptions {
  method?: string;
  headers?: Headers | Record<string, string>;
  signal?: AbortSignal;
}

const maxRedirects = 10;

/**
 * `fetch` with the proxy of the environment, which Node's own ignores, and with the credentials of the URL.
 *
 * @throws TypeError as `fetch` does, with the cause, and the signal's error.
 */
export async function fetchUrl(
  url: string,
  options: FetchOptions = {},
  env: Record<string, string | undefined> = process.env,
): Promise<Response> {
  // `fetch` refuses a URL with credentials, and repeats it in its error.
  const { url: bare, headers } = basicAuthorization(url);
  options = {
    ...options,
    headers: { ...headers, ...Object.fromEntries(new Headers(options.headers)) },
  };
  if (!hasProxy(env)) return fetch(bare, options);
  let at = new URL(bare);
  for (let redirects = 0; ; redirects++) {
    const proxy = proxyFor(at, env);
    const response = proxy
      ? await through(proxy, at, options)
      : await fetch(at, { ...options, redirect: "manual" });
    const location = response.headers.get("location");
    if (![301, 302, 303, 307, 308].includes(response.status) || !location) return response;
    if (redirects === maxRedirects) {
      throw new TypeError("fetch failed", { cause: new Error(`redirected ${redirects} times`) });
    }
    await response.body?.cancel();
    const next = new URL(location, at);
    // Credentials are meant for the first server only.
    if (next.origin !== at.origin) options = { ...options, headers: withoutCredentials(options) };
    at = next;
  }
}

function withoutCredentials({ headers }: FetchOptions): Headers {
  const kept = new Headers(headers);
  for (const name of ["authorization", "cookie"]) kept.delete(name);
  return kept;
}

async function through(
  proxy: URL,
  url: URL,
  { method = "GET", headers, signal }: FetchOptions,
): Promise<Response> {
  const sent: Record<string, string> = Object.fromEntries(new Headers(headers));
  // A proxy may refuse to tunnel to a plain server; it expects the whole URL instead.
  const isPlain = url.protocol === "http:" && /^https?:$/.test(proxy.protocol);
  const request = isPlain
    ? (proxy.protocol === "https:" ? https : http).request(proxy.origin, {
        method,
        path: `${url.origin}${url.pathname}${url.search}`,
        headers: { ...sent, host: url.host, ...proxyAuthorization(proxy) },
        agent: false,
        signal,
      })
    : (url.protocol === "https:" ? https : http).request(url, {
        method,
        headers: sent,
        agent: agentFor(url, proxy, { keepAlive: false, ca: systemRoots() }),
        signal,
      });
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once("response", resolve);
    request.once("error", (error) =>
      reject(signal?.aborted ? signal.reason : new TypeError("fetch failed", { cause: error })),
    );
    request.end();
  });
  const received = new Headers();
  for (const [name, values] of Object.entries(answer.headersDistinct)) {
    for (const value of values ?? []) received.append(name, value);
  }
  const status = answer.statusCode ?? 0;
  const isEmpty = method === "HEAD" || [204, 205, 304].includes(status);
  if (isEmpty) answer.resume();
  const body = isEmpty ? null : (Readable.toWeb(answer) as ReadableStream);
  return new Response(body, { status, statusText: answer.statusMessage, headers: received });
}
