import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { Cloud } from "../cloud.js";
import { control } from "./control.js";
import { notAuthenticated, OciError } from "../state/errors.js";
import { answer } from "./routes.js";
import type { Answer } from "./route.js";
import { type PublicKeys, verifiedKeyId } from "../tenancy/signature.js";
import { reviewToken, type TokenReview } from "../tenancy/token-review.js";

/** Requests beside those of {@link control}, by method and path; undefined for a request it does not handle. */
export type Extension = (method: string, path: string, body: string) => Promise<Answer> | undefined;

/** What an endpoint serves, and to which keys. */
export interface Served {
  cloud: Cloud;
  /** The public keys whose requests are accepted, PEM, by key id. */
  keys: PublicKeys;
  extension?: Extension;
}

/**
 * An HTTP server on 127.0.0.1 with OCI's REST API, the {@link control} API, and the token review that API servers call.
 */
export class Endpoint {
  /** The result of `GET /emulator/health`: whether the cluster behind the endpoint is up. */
  isUp = true;

  private constructor(
    private readonly served: Served,
    private readonly server: Server,
  ) {}

  /** @param port 0 for any free port. */
  static async listen(served: Served, port = 0): Promise<Endpoint> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(port, "127.0.0.1", resolve);
    });
    const endpoint = new Endpoint(served, server);
    server.on("request", (request, response) => void endpoint.serve(request, response));
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let result: Answer;
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      result = await this.answer(request, Buffer.concat(chunks));
    } catch (error) {
      result = failure(error);
    }
    const { status, text, body, workRequest } = result;
    const content = text ?? (body === undefined ? "" : JSON.stringify(body));
    response.writeHead(status, {
      "content-type": text === undefined ? "application/json" : "application/x-yaml",
      "content-length": Buffer.byteLength(content),
      "opc-request-id": randomUUID().replaceAll("-", "").toUpperCase(),
      ...(workRequest && { "opc-work-request-id": workRequest.id }),
    });
    response.end(content);
  }

  private async answer(request: IncomingMessage, body: Buffer): Promise<Answer> {
    const { cloud, keys, extension } = this.served;
    const { method = "GET", url: target = "/" } = request;
    // Rejects DNS rebinding: a web page must not reach the endpoint by a name that resolves to loopback.
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? "")) {
      throw notAuthenticated();
    }
    const url = new URL(target, "http://127.0.0.1");
    const text = body.toString();
    if (url.pathname === "/tokenreview" && method === "POST") {
      const isCluster = (id: string) => cloud.store.get(id)?.kind === "cluster";
      return { status: 200, body: reviewToken(JSON.parse(text) as TokenReview, keys, isCluster) };
    }
    if (url.pathname === "/emulator/health") {
      return { status: this.isUp ? 200 : 503, body: { pid: process.pid } };
    }
    if (url.pathname.startsWith("/emulator/")) {
      return (
        (await extension?.(method, url.pathname, text)) ??
        control(cloud, method, url.pathname, text)
      );
    }
    const headers = request.headers as Record<string, string | undefined>;
    if (!verifiedKeyId({ method, target, headers, body }, keys)) throw notAuthenticated();
    return answer(cloud, method, url, text);
  }
}

function failure(error: unknown): Answer {
  if (error instanceof OciError) {
    return { status: error.status, body: { code: error.code, message: error.message } };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${message}\n`);
  return { status: 500, body: { code: "InternalError", message: "Internal error" } };
}
