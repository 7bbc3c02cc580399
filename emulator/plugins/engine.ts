import grpc from "@grpc/grpc-js";
import { engineLog } from "./protocol.js";
import type { Properties } from "./values.js";

export type Severity = "debug" | "info" | "warning" | "error";

const severities: Record<Severity, number> = { debug: 0, info: 1, warning: 2, error: 3 };

let address: string | undefined;
let client: grpc.Client | undefined;
let last: Promise<void> = Promise.resolve();

/** Tells this module where the engine's log service listens (`host:port`). */
export function attachEngine(engineAddress: string): void {
  address = engineAddress;
}

/**
 * Sends a message to the engine, which shows it below the resource.
 *
 * @param ephemeral shown only while the resource is under way, gone from the final output
 */
export function log(severity: Severity, message: string, urn = "", ephemeral = false): void {
  const entry = { severity: severities[severity], message, urn, ephemeral };
  last = last.then(() => send(entry));
}

function send(entry: Properties): Promise<void> {
  if (!address) return Promise.resolve();
  client ??= new grpc.Client(address, grpc.credentials.createInsecure());
  const { path, encode } = engineLog;
  return new Promise((done) => {
    // An error means that the engine is going away; there is nobody left to tell.
    client!.makeUnaryRequest(
      path,
      encode,
      () => undefined,
      entry,
      () => done(),
    );
  });
}
