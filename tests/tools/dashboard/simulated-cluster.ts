import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

import type { V1Pod, V1Service } from "@kubernetes/client-node";

import { Access } from "../../../tools/verify/cluster/access.js";
import type { Wire } from "../../../tools/verify/cluster/snapshot.js";

/** An API server with one Service and its Pods, which answer over a port-forward with their name and what was sent. */
export class SimulatedCluster {
  service: Wire<V1Service> | undefined = {
    spec: { selector: { app: "kiali" }, ports: [{ port: 20001, targetPort: "http" }] },
  };
  pods: Wire<V1Pod>[] = [];
  /** What a Pod reports instead of an answer. */
  problem?: string;
  readonly forwarded: string[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on("connection", (socket) => this.sockets.add(socket));
    server.on("request", (request, answer) => {
      const { pathname } = new URL(request.url ?? "", "http://api");
      const found = /\/services\/kiali$/.test(pathname)
        ? this.service
        : /\/pods$/.test(pathname)
          ? { items: this.pods }
          : undefined;
      const missing = { message: `pods "${pathname.split("/").at(-2)}" not found` };
      answer.writeHead(found ? 200 : 404).end(JSON.stringify(found ?? missing));
    });
    server.on("upgrade", (request, socket: Socket) => {
      const [, name = "", port = ""] =
        /\/pods\/([^/]+)\/portforward\?ports=(\d+)/.exec(request.url ?? "") ?? [];
      if (!this.pods.some(({ metadata }) => metadata?.name === name)) {
        const body = JSON.stringify({ message: `pods "${name}" not found` });
        socket.end(
          `HTTP/1.1 404 Not Found\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
        );
        return;
      }
      this.forwarded.push(`${name}:${port}`);
      this.serve(socket, request.headers["sec-websocket-key"] ?? "", name);
    });
  }

  static async listen(): Promise<SimulatedCluster> {
    const server = createServer();
    await new Promise<void>((up) => server.listen(0, "127.0.0.1", up));
    return new SimulatedCluster(server);
  }

  get access(): Access {
    const { port } = this.server.address() as AddressInfo;
    const server = `http://127.0.0.1:${port}`;
    return new Access({ context: "test", server, cluster: {}, user: {} } as ConstructorParameters<
      typeof Access
    >[0]);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((closed) => this.server.close(closed));
  }

  /** https://datatracker.ietf.org/doc/html/rfc6455, for frames of less than 126 bytes. */
  private serve(socket: Socket, key: string, name: string): void {
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Protocol: v4.channel.k8s.io\r\nSec-WebSocket-Accept: ${accept.digest("base64")}\r\n\r\n`,
    );
    const send = (channel: number, text: string | Buffer) => {
      const data = Buffer.concat([Buffer.from([channel]), Buffer.from(text)]);
      socket.write(Buffer.concat([Buffer.from([0x82, data.length]), data]));
    };
    // Each channel begins with the port.
    send(0, Buffer.from([0x21, 0x4e]));
    send(1, Buffer.from([0x21, 0x4e]));
    socket.on("data", (frame: Buffer) => {
      const length = (frame[1] ?? 0) & 0x7f;
      if (frame[0] !== 0x82) return; // the client's answer to the close
      const mask = frame.subarray(2, 6);
      const data = frame.subarray(6, 6 + length).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
      if (this.problem) send(1, this.problem);
      else send(0, `${name}: ${Buffer.from(data.subarray(1)).toString()}`);
      socket.end(Buffer.from([0x88, 0]));
    });
  }
}

export const pod = (name: string, status: Wire<V1Pod>["status"] = isReady): Wire<V1Pod> => ({
  metadata: { name },
  spec: { containers: [{ name: "kiali", ports: [{ name: "http", containerPort: 20001 }] }] },
  status,
});

const isReady: Wire<V1Pod>["status"] = { conditions: [{ type: "Ready", status: "True" }] };
