import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

import { PortForward } from "@kubernetes/client-node";

import { ToolError } from "../command-line/errors.js";
import type { Access } from "../verify/cluster/access.js";
import { refusal } from "../verify/cluster/api.js";
import { podOf, type PodPort, type Service } from "./pods.js";

/** How long a connection waits for a Pod, in milliseconds: while a Deployment replaces its Pod there is none. */
const patienceMs = 20_000;

/** A port of this machine that leads to a Pod of a Service, to another one when the first is gone. */
export class Forward {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private pod?: Promise<PodPort>;
  private latest = "";

  /** @param say receives lines about Pods that come and go. */
  constructor(
    private readonly access: Access,
    private readonly service: Service,
    private readonly say: (line: string) => void,
    private readonly patience = patienceMs,
  ) {
    this.server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket)).on("error", () => socket.destroy());
      void this.carry(socket);
    });
  }

  /**
   * Finds a Pod and listens.
   *
   * @param port 0: any free one.
   * @returns the port.
   * @throws NoPod, UncheckedError; ToolError if the port is taken.
   */
  async open(port: number): Promise<number> {
    await this.find();
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", (error: NodeJS.ErrnoException) => {
        const why = error.code === "EADDRINUSE" ? "it is taken" : error.message;
        reject(new ToolError(`Port ${port} cannot be used: ${why}. Use another one: --port N`));
      });
      this.server.listen(port, "127.0.0.1", resolve);
    });
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private find(): Promise<PodPort> {
    this.pod ??= podOf(this.access, this.service);
    return this.pod;
  }

  private async carry(socket: Socket): Promise<void> {
    const end = Date.now() + this.patience;
    for (;;) {
      try {
        return await this.connect(socket, await this.find());
      } catch (error) {
        this.pod = undefined;
        this.note((error as Error).message);
        if (Date.now() > end || socket.destroyed) return void socket.destroy();
        await sleep(500);
      }
    }
  }

  /** @throws Error if the API server opens no connection to the Pod. */
  private async connect(socket: Socket, { namespace, pod, port }: PodPort): Promise<void> {
    const forward = new PortForward(await this.access.forExec());
    const name = `${namespace}/${pod}`;
    const problems = new Writable({
      write: (text: Buffer, _encoding, done) => {
        if (text.length > 0) this.note(`Pod ${name}: ${text.toString()}`);
        done();
      },
    });
    const opened = await forward
      .portForward(namespace, pod, [port], socket, problems, socket)
      .catch(async () => {
        const path = `/api/v1/namespaces/${namespace}/pods/${pod}/portforward?ports=${port}`;
        throw new Error(`Pod ${name}: ${(await refusal(this.access, path)).message}`);
      });
    if (typeof opened === "function") return;
    this.note(`Connected to Pod ${name}.`);
    opened.onclose = () => socket.end();
    opened.onerror = () => socket.destroy();
    socket.once("close", () => opened.close()).resume();
  }

  /** Browsers open many connections: each line appears once, until another one does. */
  private note(line: string): void {
    if (line !== this.latest) this.say(line);
    this.latest = line;
  }
}
