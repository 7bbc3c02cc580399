import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { basename, dirname, join, resolve } from "node:path";

import { EmulatorError } from "../errors.js";
import { readJson } from "../host/read-json.js";

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
const portCount = last - first + 1;

/**
 * The ports of a sandbox: chosen once, among those that nobody listens on and no sandbox beside
 * it has, then kept in `ports.json`.
 *
 * @param stateDir the sandbox's state folder; its neighbours are other sandboxes.
 * @throws EmulatorError when too few ports are free.
 */
export async function allocatePorts(stateDir: string): Promise<Ports> {
  const kept = readPorts(stateDir);
  const missing = portNames.filter((name) => kept[name] === undefined);
  if (missing.length === 0) return kept as Ports;

  const taken = new Set([...neighbours(stateDir), ...Object.values(kept)]);
  const start = firstPort(stateDir);
  const ports: Partial<Ports> = { ...kept };
  let offset = 0;
  for (const name of missing) {
    let port: number;
    do {
      if (offset >= portCount) {
        throw new EmulatorError(`No port between ${first} and ${last} is free on 127.0.0.1.`);
      }
      port = first + ((start - first + offset++) % portCount);
    } while (taken.has(port) || !(await isPortFree(port)));
    ports[name] = port;
  }
  writePorts(stateDir, ports);
  // One beside it may have chosen at the same moment: the later of the two sees that, and chooses again.
  const theirs = neighbours(stateDir);
  const own = Object.entries(ports).filter(
    ([name, port]) => kept[name as keyof Ports] !== undefined || !theirs.includes(port),
  );
  if (own.length === portNames.length) return ports as Ports;
  writePorts(stateDir, Object.fromEntries(own));
  return allocatePorts(stateDir);
}

/** Where a sandbox begins to look: one that is made again finds its ports again, if it can. */
export function firstPort(stateDir: string): number {
  const digest = createHash("sha256").update(resolve(stateDir)).digest();
  return first + (digest.readUInt16BE() % portCount);
}

function writePorts(stateDir: string, ports: Partial<Ports>): void {
  mkdirSync(stateDir, { recursive: true });
  const file = join(stateDir, "ports.json");
  const written = `${file}.${process.pid}`;
  writeFileSync(written, `${JSON.stringify(ports, null, 2)}\n`);
  renameSync(written, file);
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
  return readJson<Partial<Ports>>(join(stateDir, "ports.json")) ?? {};
}

function neighbours(stateDir: string): number[] {
  const all = dirname(resolve(stateDir));
  if (!existsSync(all)) return [];
  return readdirSync(all)
    .filter((name) => name !== basename(stateDir))
    .flatMap((name) => Object.values(readPorts(join(all, name))));
}
