import * as http from "node:http";
import * as https from "node:https";
import type { V1Status } from "@kubernetes/client-node";

import { UncheckedError } from "../finding.js";
import type { Access } from "./access.js";

const readMs = 10_000;

/**
 * GETs an API path as JSON; undefined on 404. The generated clients have no time limit, and no class for half of the
 * kinds that are read here.
 *
 * @throws UncheckedError when the API server is unreachable, too slow, or refuses the request.
 */
export async function get<T>(access: Access, path: string): Promise<T | undefined> {
  const { status, body } = await call(access, path);
  if (status === 200) return JSON.parse(body) as T;
  if (status === 404) return undefined;
  throw refused(path, status, body);
}

/** Why the API server refuses to open a WebSocket. */
export async function refusal(access: Access, path: string): Promise<UncheckedError> {
  try {
    const { status, body } = await call(access, path, {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": Buffer.from("0123456789abcdef").toString("base64"),
      "Sec-WebSocket-Protocol": "v4.channel.k8s.io",
    });
    return refused(path, status, body);
  } catch (error) {
    return error as UncheckedError;
  }
}

function refused(path: string, status: number, body: string): UncheckedError {
  let message = body.trim();
  try {
    message = (JSON.parse(body) as V1Status).message ?? message;
  } catch {
    // A kubelet answers in plain text.
  }
  return new UncheckedError(`${message || path.split("?")[0]} (HTTP ${status})`, status === 403);
}

async function call(
  access: Access,
  path: string,
  headers: http.OutgoingHttpHeaders = {},
): Promise<{ status: number; body: string }> {
  const config = await access.config();
  const options: https.RequestOptions = { headers: { accept: "application/json", ...headers } };
  await config.applyToHTTPSOptions(options);
  const { request } = access.server.startsWith("http:") ? http : https;
  const signal = AbortSignal.timeout(readMs);
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(unreachable(access, signal.aborted, error));
    request(`${access.server}${path}`, { ...options, signal }, (response) => {
      const parts: Buffer[] = [];
      response
        .on("data", (part: Buffer) => parts.push(part))
        .on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() }),
        )
        .on("error", fail);
    })
      .on("upgrade", (_response, socket) => {
        socket.destroy();
        resolve({ status: 101, body: "" });
      })
      .on("error", fail)
      .end();
  });
}

/** @param late whether the time limit ended the request. */
export function unreachable(access: Access, late: boolean, error: Error): UncheckedError {
  const words = error.message || (error as NodeJS.ErrnoException).code || error.name;
  const why = late ? `no answer within ${readMs / 1000} s` : words;
  return new UncheckedError(`the API server ${access.server} cannot be reached: ${why}`);
}
