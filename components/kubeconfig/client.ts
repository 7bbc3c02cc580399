import { readFileSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";

import { systemRoots } from "../http/system-roots.js";
import { proxyFor } from "../http/proxy.js";
import { agentFor } from "../http/tunnel.js";
import type { Connection } from "./connection.js";
import { IdentitySource, type Identity } from "./identity.js";

/** An API server's answer. */
export interface Answer {
  status: number;
  body: string;
}

export interface RequestOptions {
  method?: "GET" | "POST";
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Milliseconds. Default: 30 s. */
  timeoutMs?: number;
}

/** The API server did not answer. */
export class NoAnswer extends Error {
  /** @param isLate whether the time limit ended the request. */
  constructor(
    message: string,
    readonly isLate: boolean,
  ) {
    super(message);
  }
}

/** Sends requests to the API server of a connection, as kubectl would. */
export class KubeClient {
  private readonly source: IdentitySource;
  /** One agent for each client certificate: requests share its connections. */
  private agent?: { of: string; agent: http.Agent };

  constructor(readonly connection: Connection) {
    this.source = new IdentitySource(connection);
  }

  /** Headers and agent for requests by other means. @throws PluginError */
  async options(): Promise<{ headers: Identity["headers"]; agent: http.Agent }> {
    const { headers, cert, key } = await this.source.identity();
    const of = `${cert ?? ""}${key ?? ""}`;
    if (this.agent?.of !== of) this.agent = { of, agent: agentOf(this.connection, { cert, key }) };
    return { headers, agent: this.agent.agent };
  }

  /**
   * @param path of the API, with its query.
   * @throws NoAnswer, PluginError
   */
  async request(path: string, options: RequestOptions = {}): Promise<Answer> {
    const answer = await this.send(path, options);
    // The plugin's credential may have been revoked early.
    return answer.status === 401 && this.source.forget() ? this.send(path, options) : answer;
  }

  /** The JSON at a path; undefined for a status other than 200. @throws NoAnswer, PluginError */
  async get<T>(path: string, accept = "application/json"): Promise<T | undefined> {
    const { status, body } = await this.request(path, { headers: { accept } });
    return status === 200 ? (JSON.parse(body) as T) : undefined;
  }

  private async send(path: string, options: RequestOptions): Promise<Answer> {
    const { method = "GET", body, timeoutMs = 30_000 } = options;
    const { headers, agent } = await this.options();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const { request } = this.connection.server.startsWith("http:") ? http : https;
    const signal = AbortSignal.timeout(timeoutMs);
    return new Promise((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException) =>
        reject(
          signal.aborted
            ? new NoAnswer(`no answer within ${timeoutMs / 1000} s`, true)
            : new NoAnswer(error.message || error.code || error.name, false),
        );
      const sent = {
        accept: "application/json",
        ...(text !== undefined && { "content-type": "application/json" }),
        ...options.headers,
        ...headers,
      };
      request(`${this.connection.server}${path}`, { method, headers: sent, agent, signal })
        .on("response", (response) => {
          const parts: Buffer[] = [];
          response
            .on("data", (part: Buffer) => parts.push(part))
            .on("end", () =>
              resolve({
                status: response.statusCode ?? 0,
                body: Buffer.concat(parts).toString(),
              }),
            )
            .on("error", fail);
        })
        .on("upgrade", (_, socket) => {
          socket.destroy();
          resolve({ status: 101, body: "" });
        })
        .on("error", fail)
        .end(text);
    });
  }
}

/** The proxy to an API server: its own, or else the environment's; undefined for a direct connection. */
export function proxyOf({
  server,
  cluster,
}: Pick<Connection, "server" | "cluster">): URL | undefined {
  const own = cluster["proxy-url"];
  return own ? new URL(own) : proxyFor(new URL(server));
}

function agentOf(
  { server, cluster }: Connection,
  pair: { cert?: string | Buffer; key?: string | Buffer },
): http.Agent {
  const url = new URL(server);
  const { "tls-server-name": servername } = cluster;
  const file = cluster["certificate-authority"];
  const data = cluster["certificate-authority-data"];
  const isUnchecked = cluster["insecure-skip-tls-verify"] === true;
  const ca = () => (data ? Buffer.from(data, "base64") : file ? readFileSync(file) : systemRoots());
  const tls = {
    // Once for all connections: hundreds of certificates take a while to parse.
    ...(url.protocol === "https:" && {
      secureContext: secureContext({ ...(!isUnchecked && { ca: ca() }), ...pair }),
    }),
    ...(servername && { servername }),
    ...(isUnchecked && { rejectUnauthorized: false }),
  };
  return agentFor(url, proxyOf({ server, cluster }), tls);
}

/** @throws Error that says what is wrong with the client's certificate or key, instead of OpenSSL's code. */
function secureContext(options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    const { message } = error as Error;
    const why = /key values mismatch/.test(message)
      ? "do not belong together"
      : /bad decrypt|interrupted or cancelled|password/.test(message)
        ? "can't be used, because the key is encrypted"
        : `can't be used (${message})`;
    throw new Error(`the kubeconfig's client certificate and key ${why}`);
  }
}
