import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";

import type { KeyPair } from "./certificates.js";

/** The part of a Kubernetes object that the emulator reads. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
}

/** An error response of the API server. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

interface Call {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  /** Timeout in milliseconds. Default: 10 000. */
  timeout?: number;
}

/** A client of the Kubernetes API, in JSON. https://kubernetes.io/docs/reference/using-api/api-concepts/ */
export class Api {
  private readonly agent: Agent;

  /**
   * @param server `https://127.0.0.1:<port>`
   * @param ca path of the authority's certificate.
   * @param user a client certificate.
   */
  constructor(
    readonly server: string,
    ca: string,
    user: KeyPair,
  ) {
    this.agent = new Agent({
      keepAlive: true,
      ca: readFileSync(ca),
      cert: readFileSync(user.certificate),
      key: readFileSync(user.key),
    });
  }

  /**
   * Sends one request. The result is parsed if it is JSON, else it is text.
   *
   * @throws ApiError with the server's message for an error response; the connection's error if there is no response.
   */
  call<T>(path: string, { method = "GET", body, timeout = 10_000 }: Call = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      const patch = method === "PATCH";
      const call = request(
        new URL(path, this.server),
        {
          agent: this.agent,
          method,
          timeout,
          headers: {
            accept: "application/json",
            ...(body !== undefined && {
              "content-type": patch ? "application/merge-patch+json" : "application/json",
            }),
          },
        },
        (answer) => {
          textOf(answer)
            .then((text) => {
              const status = answer.statusCode ?? 0;
              if (status >= 400) throw new ApiError(status, messageOf(text));
              resolve((text.startsWith("{") ? JSON.parse(text) : text) as T);
            })
            .catch(reject);
        },
      );
      call.once("timeout", () => call.destroy(new Error(`${this.server} does not answer`)));
      call.once("error", reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Whether a GET succeeds. */
  async answers(path: string): Promise<boolean> {
    try {
      await this.call(path, { timeout: 2_000 });
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Passes each JSON line of a response to `onLine` until the response ends or `onLine` returns false.
   *
   * @throws ApiError for an error response; SyntaxError for a line that is not JSON; what `onLine` throws.
   */
  stream<T>(url: URL, signal: AbortSignal, onLine: (line: T) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = request(url, { agent: this.agent, signal }, (answer) => {
        const status = answer.statusCode ?? 0;
        if (status !== 200) {
          textOf(answer)
            .then((text) => reject(new ApiError(status, messageOf(text))))
            .catch(reject);
          return;
        }
        let rest = "";
        answer.setEncoding("utf8").on("data", (part: string) => {
          const lines = (rest + part).split("\n");
          rest = lines.pop() ?? "";
          try {
            for (const line of lines) {
              if (line && !onLine(JSON.parse(line) as T)) return call.destroy();
            }
          } catch (error) {
            // An error thrown in a listener would end the process.
            reject(error as Error);
            call.destroy();
          }
        });
        answer.once("error", reject);
        answer.once("close", resolve);
      });
      call.once("error", reject);
      call.end();
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

function textOf(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    answer.setEncoding("utf8").on("data", (part: string) => (text += part));
    answer.once("error", reject).once("end", () => resolve(text));
  });
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text;
  }
}

/**
 * Watches a list until `signal` is aborted: calls `onChange` with all its objects, at first and after each change.
 * While the API server is unreachable, `onChange` is not called.
 *
 * @param path of the list, with its selectors.
 */
export async function follow<T extends KubeObject>(
  api: Api,
  path: string,
  signal: AbortSignal,
  onChange: (objects: T[]) => void,
): Promise<void> {
  const url = new URL(path, api.server);
  while (!signal.aborted) {
    try {
      const list = await api.call<{ items: T[]; metadata: { resourceVersion: string } }>(
        url.pathname + url.search,
      );
      const objects = new Map(list.items.map((item) => [item.metadata.uid, item]));
      onChange([...objects.values()]);
      const watch = new URL(url);
      watch.searchParams.set("watch", "true");
      watch.searchParams.set("resourceVersion", list.metadata.resourceVersion);
      await api.stream<{ type: string; object: T }>(watch, signal, ({ type, object }) => {
        if (type === "ERROR") return false;
        if (type === "DELETED") objects.delete(object.metadata.uid);
        else objects.set(object.metadata.uid, object);
        onChange([...objects.values()]);
        return true;
      });
    } catch {
      // The server is unreachable, or the resource version has expired: list again.
    }
    await new Promise<void>((resolve) => setTimeout(resolve, signal.aborted ? 0 : 250));
  }
}
