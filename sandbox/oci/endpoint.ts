import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { Cloud } from "./cloud.js";
import { control } from "./control.js";
import { notAuthenticated, OciError } from "./errors.js";
import { answer } from "./routes/index.js";
import type { Answer } from "./routes/route.js";
import { type PublicKeys, verifiedKeyId } from "./signature.js";
import { reviewToken, type TokenReview } from "./token-review.js";

/** A server that speaks OCI's REST API on 127.0.0.1. */
export class Endpoint {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /**
   * @param keys public keys, PEM, by key id: who may ask.
   * @param port 0 for any that is free.
   */
  static async listen(cloud: Cloud, keys: PublicKeys, port = 0): Promise<Endpoint> {
    const server = createServer((request, response) => {
      void serve(cloud, keys, request, response);
    });
    // Clients keep connections; the end must not wait for them.
    server.keepAliveTimeout = 5_000;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(port, "127.0.0.1", resolve);
    });
    const { port: bound } = server.address() as AddressInfo;
    return new Endpoint(server, `http://127.0.0.1:${bound}`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function serve(
  cloud: Cloud,
  keys: PublicKeys,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  let result: Answer;
  try {
    result = dispatch(cloud, keys, request, body);
  } catch (error) {
    result = failure(error);
  }
  const { status, text, workRequest } = result;
  const content = text ?? (result.body === undefined ? "" : JSON.stringify(result.body));
  response.writeHead(status, {
    "content-type": text === undefined ? "application/json" : "application/x-yaml",
    "content-length": Buffer.byteLength(content),
    "opc-request-id": randomUUID().replaceAll("-", "").toUpperCase(),
    ...(workRequest && { "opc-work-request-id": workRequest.id }),
  });
  response.end(content);
}

function dispatch(cloud: Cloud, keys: PublicKeys, request: IncomingMessage, body: Buffer): Answer {
  const { method = "GET", url: target = "/" } = request;
  // A page in a browser must not reach what listens here under a name of its own.
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? "")) {
    throw notAuthenticated();
  }
  const url = new URL(target, "http://127.0.0.1");
  if (url.pathname === "/tokenreview" && method === "POST") {
    const review = JSON.parse(body.toString()) as TokenReview;
    const isCluster = (id: string) => cloud.store.get(id)?.kind === "cluster";
    return { status: 200, body: reviewToken(review, keys, isCluster) };
  }
  if (url.pathname.startsWith("/sandbox/")) {
    return control(cloud, method, url.pathname, body.toString());
  }
  const headers = request.headers as Record<string, string | undefined>;
  if (!verifiedKeyId({ method, target, headers, body }, keys)) throw notAuthenticated();
  return answer(cloud, method, url, body.toString());
}

function failure(error: unknown): Answer {
  if (error instanceof OciError) {
    return { status: error.status, body: { code: error.code, message: error.message } };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${message}\n`);
  return { status: 500, body: { code: "InternalError", message: "Internal error" } };
}
