import * as http from "node:http";
import * as https from "node:https";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";

import { openSocks } from "./socks.js";

/**
 * An agent for requests to one server.
 *
 * @param url the server's.
 * @param proxy `http:`, `https:` or `socks5:` with its credentials; undefined for a direct connection.
 * @param tls certificates and names for the connection to the server, not to the proxy.
 */
export function agentFor(
  url: URL,
  proxy: URL | undefined,
  tls: https.AgentOptions = {},
): http.Agent {
  // A TLS handshake costs more than a wait for a connection that is open.
  const options = { keepAlive: true, maxSockets: 12, ...tls };
  if (url.protocol === "https:") {
    return proxy ? new TunnelAgent(proxy, options) : new https.Agent(options);
  }
  return proxy ? new PlainTunnelAgent(proxy, { keepAlive: true }) : new http.Agent(options);
}

/** The options of a connection, of which an agent's types show only a part. */
interface Target {
  host?: string | null;
  port?: number | string | null;
  servername?: string;
}
type Done = (error: Error | null, socket: Socket) => void;
/** On an error there is no socket, which Node's types require. */
const none = undefined as unknown as Socket;

/** Sends HTTPS requests through a proxy. */
class TunnelAgent extends https.Agent {
  constructor(
    private readonly proxy: URL,
    private readonly tls: https.AgentOptions,
  ) {
    super(tls);
  }

  override createConnection(target: Target, done?: Done): undefined {
    const host = target.host ?? "";
    openTunnel(this.proxy, host, Number(target.port)).then(
      (socket) => {
        const servername = this.tls.servername ?? (isIP(host) ? "" : host);
        const secure: TLSSocket = connectTls({ ...this.tls, socket, host, servername });
        const fail = (error: Error) => done?.(error, none);
        secure.once("error", fail);
        secure.once("secureConnect", () => {
          secure.removeListener("error", fail);
          done?.(null, secure);
        });
      },
      (error: Error) => done?.(error, none),
    );
    return undefined;
  }
}

/** Sends HTTP requests through a proxy. */
class PlainTunnelAgent extends http.Agent {
  constructor(
    private readonly proxy: URL,
    options: http.AgentOptions,
  ) {
    super(options);
  }

  override createConnection(target: Target, done?: Done): undefined {
    openTunnel(this.proxy, target.host ?? "", Number(target.port)).then(
      (socket) => done?.(null, socket),
      (error: Error) => done?.(error, none),
    );
    return undefined;
  }
}

/** A connection to the host through the proxy. @throws Error that names the proxy without its credentials. */
async function openTunnel(proxy: URL, host: string, port: number): Promise<Socket> {
  const name = `proxy ${proxy.protocol}//${proxy.host}`;
  try {
    if (/^socks/.test(proxy.protocol)) {
      const socket = connect(Number(proxy.port || 1080), hostOf(proxy));
      return await openSocks(socket, proxy, host, port);
    }
    return await openConnect(proxy, host, port);
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    throw new Error(`${name}: ${message || code}`);
  }
}

function openConnect(proxy: URL, host: string, port: number): Promise<Socket> {
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const isSecure = proxy.protocol === "https:";
  const request = (isSecure ? https : http).request({
    host: hostOf(proxy),
    port: proxy.port || (isSecure ? 443 : 80),
    method: "CONNECT",
    path: authority,
    headers: { host: authority, ...proxyAuthorization(proxy) },
    agent: false,
  });
  return new Promise((resolve, reject) => {
    request.once("connect", (response, socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`${response.statusCode} ${response.statusMessage} for ${authority}`));
    });
    // A proxy without CONNECT responds like a server.
    request.once("response", (response) => {
      response.destroy();
      reject(new Error(`${response.statusCode} ${response.statusMessage} for ${authority}`));
    });
    request.once("error", reject);
    request.end();
  });
}

const hostOf = (url: URL) => url.hostname.replace(/^\[|\]$/g, "");

/** The header with the credentials of a proxy's URL. */
export function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (!username && !password) return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(credentials).toString("base64")}` };
}
