import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { cancelled } from "../server.js";
import type { Connection } from "./kubeconfig.js";
import type { KubernetesObject } from "./objects.js";

export type Query = Record<string, string | boolean | undefined>;

/** What the API server answered in place of a success. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** Nobody answers where the kubeconfig says the API server is. */
export class Unreachable extends Error {}

export const isNotFound = (error: unknown): boolean =>
  error instanceof ApiError && error.code === 404;
export const isReason = (error: unknown, reason: string): boolean =>
  error instanceof ApiError && error.reason === reason;

/** How long a request that needs an answer waits for an API server that was there before. */
const patience = 60_000;

/** HTTPS to one API server: connections kept, credentials renewed, short absences waited out. */
export class Client {
  #agent: Promise<Agent> | undefined;
  #seen = false;
  #return: Promise<void> | undefined;

  constructor(
    readonly connection: Connection,
    private readonly onWarning: (text: string, urn: string) => void = () => undefined,
  ) {}

  /** GET, decoded. */
  get<T = KubernetesObject>(path: string, query?: Query): Promise<T> {
    return this.send<T>("GET", path, { query });
  }

  /**
   * One request, repeated while the API server is away or busy.
   *
   * @throws ApiError what the server said · Unreachable after a minute, or at once where it never answered
   */
  async send<T = KubernetesObject>(
    method: string,
    path: string,
    {
      query,
      body,
      type,
      urn = "",
    }: Partial<{ query: Query; body: unknown; type: string; urn: string }> = {},
  ): Promise<T> {
    const end = Date.now() + patience;
    let renewed = false;
    for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
      try {
        await this.#return;
        return await this.#once<T>(method, path, query, body, type, urn);
      } catch (error) {
        if (error instanceof ApiError && error.code === 401 && !renewed) {
          renewed = true;
          await this.connection.credentials(true);
          continue;
        }
        const again = isTransient(error) && this.#seen && !cancelled.aborted;
        if (!again || Date.now() + pause > end) throw error;
        if (error instanceof Unreachable) this.#return ??= this.#comesBack(end);
        else await sleep(pause);
      }
    }
  }

  /**
   * Waits until an API server that went away is back as a whole: from its first answer until it is ready it refuses
   * what it has not loaded the rules for. https://kubernetes.io/docs/reference/using-api/health-checks/
   */
  async #comesBack(end: number): Promise<void> {
    do {
      await sleep(500);
      const ready = await this.#once("GET", "/readyz", {}).then(
        () => true,
        () => false,
      );
      if (ready) break;
    } while (Date.now() < end && !cancelled.aborted);
    this.#return = undefined;
  }

  async #once<T>(
    method: string,
    path: string,
    query: Query = {},
    body?: unknown,
    type = "application/json",
    urn = "",
  ): Promise<T> {
    const { connection } = this;
    const url = new URL(connection.server + path);
    for (const [key, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(key, String(value));
    const { token } = await connection.credentials();
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const agent = await (this.#agent ??= this.#makeAgent());
    const { status, headers, text } = await exchange(url, {
      method,
      agent,
      payload,
      headers: {
        accept: "application/json",
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(payload ? { "content-type": type, "content-length": payload.length } : {}),
      },
    });
    this.#seen = true;
    for (const warning of [headers["warning"] ?? []].flat())
      this.onWarning(warningText(String(warning)), urn);
    if (status < 300) return (text.startsWith("{") ? JSON.parse(text) : {}) as T;
    throw errorOf(status, text, connection.server);
  }

  async #makeAgent(): Promise<Agent> {
    const { ca, serverName, insecure } = this.connection;
    const { cert, key } = await this.connection.credentials();
    return new Agent({
      keepAlive: true,
      maxSockets: 32,
      ca,
      cert,
      key,
      servername: serverName,
      rejectUnauthorized: !insecure,
    });
  }
}

interface Exchange {
  method: string;
  agent: Agent;
  payload?: Buffer;
  headers: Record<string, string | number>;
}

function exchange(url: URL, { payload, ...options }: Exchange) {
  type Answer = { status: number; headers: Record<string, unknown>; text: string };
  return new Promise<Answer>((done, fail) => {
    const outgoing = request(url, { ...options, timeout: 60_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", fail);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        done({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer within 60 s")));
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "ECONNREFUSED" ? "connection refused" : error.message;
      fail(new Unreachable(`the Kubernetes API server at ${url.origin} cannot be reached: ${why}`));
    });
    outgoing.end(payload);
  });
}

function errorOf(code: number, text: string, server: string): ApiError {
  try {
    const status = JSON.parse(text) as { message?: string; reason?: string };
    const message = status.message ?? text;
    if (code === 401)
      return new ApiError(code, "Unauthorized", `${server} does not accept the credentials`);
    return new ApiError(code, status.reason ?? "", message);
  } catch {
    return new ApiError(code, "", text.trim() || `HTTP ${code} from ${server}`);
  }
}

// Refused, or of unknown end: a repeated request finds what it asked for there, or asks for it.
const isTransient = (error: unknown) =>
  error instanceof Unreachable ||
  (error instanceof ApiError && (error.code === 429 || error.code === 503));

// RFC 7234, section 5.5: 299 - "text"
const warningText = (header: string) => /^\d+ \S+ "(.*)"/.exec(header)?.[1] ?? header;
