import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { signatureHeaders } from "../../oci/tenancy/signature.js";
import { cancelled } from "../server.js";
import type { Properties } from "../values.js";

/** A response of OCI. */
export interface Reply {
  status: number;
  body: unknown;
  text: string;
  requestId: string;
  workRequestId?: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 32 });

/** A setting of the provider, from its configuration or from the environment. */
export type Setting = (name: string) => string | undefined;

/** Sends signed requests to OCI's API. */
export class Client {
  private key?: { keyId: string; privateKey: string };

  constructor(private readonly setting: Setting) {}

  /** Sends one request, and returns a reply of any status.
   *
   * @throws Error if there is no reply. */
  async call(client: string, method: string, target: string, body?: Properties): Promise<Reply> {
    const url = new URL(target, this.host(client));
    const text = body === undefined ? "" : JSON.stringify(body);
    const path = `${url.pathname}${url.search}`;
    this.key ??= this.readKey();
    const headers = signatureHeaders(
      { method, target: path, headers: {}, body: text },
      url.host,
      this.key,
    );
    const send = (): Promise<Reply> =>
      new Promise((resolve, reject) => {
        const sent = request(url, { method, headers, agent, timeout: 60_000 }, (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
          response.on("end", () => {
            const answer = Buffer.concat(chunks).toString();
            const isJson = response.headers["content-type"]?.includes("json") && answer !== "";
            resolve({
              status: response.statusCode ?? 0,
              body: isJson ? JSON.parse(answer) : undefined,
              text: answer,
              requestId: String(response.headers["opc-request-id"] ?? ""),
              workRequestId: response.headers["opc-work-request-id"] as string | undefined,
            });
          });
        });
        sent.on("timeout", () => sent.destroy(new Error("no response within 60 seconds")));
        sent.on("error", (error: NodeJS.ErrnoException) => {
          // The endpoint closed an idle connection while it was being reused: https://nodejs.org/api/http.html#requestreusedsocket
          if (sent.reusedSocket && error.code === "ECONNRESET") resolve(send());
          else reject(new Error(`cannot reach OCI at ${url.origin}: ${error.message}`));
        });
        sent.end(text);
      });
    return send();
  }

  /** Sends a request, and repeats a failed one for as long as the provider would. */
  async callWithRetries(
    client: string,
    method: string,
    target: string,
    { body, deadline }: { body?: Properties; deadline: number },
  ): Promise<Reply> {
    const started = Date.now();
    for (let wait = 250; ; wait = Math.min(wait * 2, 5_000)) {
      const reply = await this.call(client, method, target, body);
      const end = Math.min(deadline, started + retryPeriod(reply));
      if (Date.now() + wait > end) return reply;
      await sleep(wait, undefined, { signal: cancelled });
    }
  }

  private host(client: string): string {
    const overrides = this.setting("client_host_overrides") ?? "";
    const entry = overrides.split(";").find((text) => text.startsWith(`${client}=`));
    if (entry) return entry.slice(client.length + 1);
    throw new Error(
      `the stand-in for the oci plugin calls only the emulator's endpoint, and CLIENT_HOST_OVERRIDES has none for ${client}`,
    );
  }

  private readKey() {
    const names = ["tenancy_ocid", "user_ocid", "fingerprint", "private_key_path"];
    const [tenancy, user, fingerprint, path] = names.map((name) => this.setting(name));
    if (!tenancy || !user || !fingerprint || !path) {
      const missing = names.filter((name) => !this.setting(name));
      throw new Error(
        `can not create client, bad configuration: did not find ${missing.join(", ")}`,
      );
    }
    const privateKey = readFileSync(path, "utf8");
    return { keyId: `${tenancy}/${user}/${fingerprint}`, privateKey };
  }
}

/**
 * How long the provider retries, in milliseconds.
 * https://github.com/oracle/terraform-provider-oci/blob/master/internal/tfresource/retry.go
 */
function retryPeriod({ status, text }: Reply): number {
  if (status === 409 || status === 429) return 10 * 60_000;
  if (status >= 500 && !text.includes("Out of host capacity")) return 2 * 60_000;
  return 0;
}
