import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { basename, dirname, join, resolve } from "node:path";

import { SandboxError } from "./errors.js";

/** What listens in a sandbox, all of it on 127.0.0.1. */
export const portNames = [
  "oci",
  "etcdClient",
  "etcdPeer",
  "apiserver",
  "controllerManager",
  "scheduler",
  "kwok",
  "istiodGrpc",
  "istiodXds",
  "istiodHttp",
  "istiodWebhook",
  "istiodMonitoring",
  "kubelet",
] as const;

/** A sandbox's loopback ports, by what listens on them. */
export type Ports = Record<(typeof portNames)[number], number>;

// Below the ports that Linux (32768) and macOS (49152) give to outgoing connections, so that none
// of those is ever in a stopped sandbox's way.
const first = 20_000;
const last = 29_999;

/**
 * The ports of a sandbox: chosen once, among those that nobody listens on and no sandbox beside
 * it has, then kept in `ports.json`.
 *
 * @param stateDir the sandbox's state folder; its neighbours are other sandboxes.
 * @throws SandboxError when too few ports are free.
 */
export async function allocatePorts(stateDir: string): Promise<Ports> {
  const kept = readPorts(stateDir);
  const missing = portNames.filter((name) => kept[name] === undefined);
  if (missing.length === 0) return kept as Ports;

  const taken = new Set([...neighbours(stateDir), ...Object.values(kept)]);
  const digest = createHash("sha256").update(resolve(stateDir)).digest();
  const start = digest.readUInt16BE() % (last - first);
  const ports: Partial<Ports> = { ...kept };
  let offset = 0;
  for (const name of missing) {
    let port: number;
    do {
      if (offset > last - first) {
        throw new SandboxError(`No port between ${first} and ${last} is free on 127.0.0.1.`);
      }
      port = first + ((start + offset++) % (last - first + 1));
    } while (taken.has(port) || !(await isPortFree(port)));
    ports[name] = port;
  }
  mkdirSync(stateDir, { recursive: true });
  const file = join(stateDir, "ports.json");
  const written = `${file}.${process.pid}`;
  writeFileSync(written, `${JSON.stringify(ports, null, 2)}\n`);
  renameSync(written, file);
  return ports as Ports;
}

/** Whether a server of ours could listen on 127.0.0.1:`port` now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () =>
      server.close(() => done(true)),
    );
  });
}

/** The ports that were chosen; empty for a sandbox that never was. */
export function readPorts(stateDir: string): Partial<Ports> {
  const file = join(stateDir, "ports.json");
  if (!existsSync(file)) return {};
  return JSON.parse(readFileSync(file, "utf8")) as Partial<Ports>;
}

function neighbours(stateDir: string): number[] {
  const all = dirname(resolve(stateDir));
  if (!existsSync(all)) return [];
  return readdirSync(all)
    .filter((name) => name !== basename(stateDir))
    .flatMap((name) => Object.values(readPorts(join(all, name))));
}
