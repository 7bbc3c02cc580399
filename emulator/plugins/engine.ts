import grpc from "@grpc/grpc-js";
import { engineLog } from "./protocol.js";
import type { Properties } from "./values.js";

export type Severity = "debug" | "info" | "warning" | "error";

const severities: Record<Severity, number> = { debug: 0, info: 1, warning: 2, error: 3 };

let address: string | undefined;
let client: grpc.Client | undefined;
let last: Promise<void> = Promise.resolve();

/** Sets the address of the engine's log service, `host:port`. */
export function attachEngine(engineAddress: string): void {
  address = engineAddress;
}

/**
 * Sends a message to the engine, which displays it with the resource.
 *
 * @param ephemeral displays it only during the resource's operation.
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
    // An error means that the engine is exiting.
    client!.makeUnaryRequest(
      path,
      encode,
      () => undefined,
      entry,
      () => done(),
    );
  });
}
