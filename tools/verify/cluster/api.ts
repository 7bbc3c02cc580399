import type { V1Status } from "@kubernetes/client-node";

import { UncheckedError } from "../finding.js";
import type { Access } from "./access.js";

/**
 * GETs an API path as JSON; undefined on 404. The generated clients have no time limit, and no class for half of the
 * kinds that are read here.
 *
 * @throws UncheckedError when the API server is unreachable, too slow, or refuses the request.
 */
export async function get<T>(access: Access, path: string): Promise<T | undefined> {
  const { status, body } = await access.request(path);
  if (status === 200) return JSON.parse(body) as T;
  if (status === 404) return undefined;
  throw refused(path, status, body);
}

/** Why the API server refuses to open a WebSocket. */
export async function refusal(access: Access, path: string): Promise<UncheckedError> {
  try {
    const { status, body } = await access.request(path, {
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
