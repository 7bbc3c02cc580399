import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { basename, dirname, join, resolve } from "node:path";

import { EmulatorError } from "../errors.js";
import { readJson, replaceFile } from "../host/files.js";

/** What listens on 127.0.0.1. */
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

/** Ports on 127.0.0.1, by what listens on them. */
export type Ports = Record<(typeof portNames)[number], number>;

// Below the ports that Linux (from 32768) and macOS (from 49152) use for outgoing connections, which could otherwise take
// the port of a stopped emulator.
const first = 20_000;
const last = 29_999;
const portCount = last - first + 1;

/**
 * The ports of an emulator: chosen once among those that are free and that no emulator in a sibling folder has, then kept
 * in `ports.json`.
 *
 * @throws EmulatorError when too few ports are free.
 */
export async function allocatePorts(stateDir: string): Promise<Ports> {
  const kept = readPorts(stateDir);
  const missing = portNames.filter((name) => kept[name] === undefined);
  if (missing.length === 0) return kept as Ports;

  const taken = new Set([...siblingPorts(stateDir), ...Object.values(kept)]);
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
  // A sibling may have chosen at the same moment: the later of the two sees that, and chooses again.
  const theirs = siblingPorts(stateDir);
  const own = Object.entries(ports).filter(
    ([name, port]) => kept[name as keyof Ports] !== undefined || !theirs.includes(port),
  );
  if (own.length === portNames.length) return ports as Ports;
  writePorts(stateDir, Object.fromEntries(own));
  return allocatePorts(stateDir);
}

/** Where the search begins: derived from the folder, so that a new emulator in it gets the same ports if possible. */
export function firstPort(stateDir: string): number {
  const digest = createHash("sha256").update(resolve(stateDir)).digest();
  return first + (digest.readUInt16BE() % portCount);
}

function writePorts(stateDir: string, ports: Partial<Ports>): void {
  replaceFile(join(stateDir, "ports.json"), `${JSON.stringify(ports, null, 2)}\n`);
}

/** Whether a server can listen on 127.0.0.1:`port` now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () =>
      server.close(() => done(true)),
    );
  });
}

/** The chosen ports; empty if there are none yet. */
export function readPorts(stateDir: string): Partial<Ports> {
  return readJson<Partial<Ports>>(join(stateDir, "ports.json")) ?? {};
}

function siblingPorts(stateDir: string): number[] {
  const all = dirname(resolve(stateDir));
  if (!existsSync(all)) return [];
  return readdirSync(all)
    .filter((name) => name !== basename(stateDir))
    .flatMap((name) => Object.values(readPorts(join(all, name))));
}
