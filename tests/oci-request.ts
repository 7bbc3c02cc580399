import { request } from "node:http";

import type { ApiKey } from "../emulator/oci/tenancy/identity.js";
import { signatureHeaders } from "../emulator/oci/tenancy/signature.js";

/** A response of an endpoint. */
export interface Reply<T> {
  status: number;
  body: T;
  text: string;
  workRequestId?: string;
}

/** Sends a request to an endpoint, signed if there is a key. */
export function ask<T = Record<string, unknown>>(
  endpoint: string,
  key: Pick<ApiKey, "keyId" | "privateKey"> | undefined,
  method: string,
  target: string,
  content?: unknown,
): Promise<Reply<T>> {
  const url = new URL(target, endpoint);
  const body = content === undefined ? "" : JSON.stringify(content);
  const path = `${url.pathname}${url.search}`;
  const headers = key
    ? signatureHeaders({ method, target: path, headers: {}, body }, url.host, key)
    : { "content-length": String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => {
        const isJson = response.headers["content-type"] === "application/json" && text !== "";
        resolve({
          status: response.statusCode ?? 0,
          body: (isJson ? JSON.parse(text) : undefined) as T,
          text,
          workRequestId: response.headers["opc-work-request-id"] as string | undefined,
        });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
