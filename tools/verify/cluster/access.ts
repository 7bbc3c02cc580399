import type { RequestOptions } from "node:https";

import type { KubeConfig } from "@kubernetes/client-node";

import { KubeClient, NoAnswer, type Answer } from "../../../components/kubeconfig/client.js";
import type { Connection } from "../../../components/kubeconfig/connection.js";
import { UncheckedError } from "../finding.js";

const readMs = 10_000;
const handshakeMs = 10_000;

/** An API server, with a time limit on every request and on the credential plugin. */
export class Access {
  private readonly client: KubeClient;

  constructor(connection: Connection) {
    this.client = new KubeClient(connection);
  }

  /** The API server's address. */
  get server(): string {
    return this.client.connection.server;
  }

  /** @throws UncheckedError when the API server gives no answer, or there is no credential. */
  async request(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    try {
      return await this.client.request(path, { headers, timeoutMs: readMs });
    } catch (error) {
      if (error instanceof NoAnswer) throw this.unreachable(error.message);
      throw new UncheckedError((error as Error).message);
    }
  }

  /** What the client library's `Exec` needs of a kubeconfig: an address and how to open a WebSocket there. */
  async forExec(): Promise<KubeConfig> {
    const { server } = this;
    const { headers, agent } = await this.client.options().catch((error: Error) => {
      throw new UncheckedError(error.message);
    });
    const config = {
      getCurrentCluster: () => ({ server }),
      applyToHTTPSOptions: (options: RequestOptions & { handshakeTimeout?: number }) => {
        // A WebSocket waits forever without this limit.
        Object.assign(options, { headers, agent, handshakeTimeout: handshakeMs });
        return Promise.resolve();
      },
    };
    return config as unknown as KubeConfig;
  }

  private unreachable(why: string): UncheckedError {
    return new UncheckedError(`the API server ${this.server} cannot be reached: ${why}`);
  }
}
