import type services from "@pulumi/pulumi/proto/engine_grpc_pb.js";

export type Severity = "debug" | "info" | "warning" | "error";

const severities: Record<Severity, 0 | 1 | 2 | 3> = { debug: 0, info: 1, warning: 2, error: 3 };

let address: string | undefined;
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
  last = last.then(async () => {
    try {
      await send(severity, message, urn, ephemeral);
    } catch {
      // The engine is going away; there is nobody left to tell.
    }
  });
}

let client: Promise<services.EngineClient> | undefined;

async function send(severity: Severity, message: string, urn: string, ephemeral: boolean) {
  if (!address) return;
  // Loaded at the first message: most runs have none, and a plugin's start is on everybody's path.
  const { default: messages } = await import("@pulumi/pulumi/proto/engine_pb.js");
  client ??= (async (target: string) => {
    const { default: services } = await import("@pulumi/pulumi/proto/engine_grpc_pb.js");
    const { default: grpc } = await import("@grpc/grpc-js");
    return new services.EngineClient(target, grpc.credentials.createInsecure());
  })(address);
  const request = new messages.LogRequest();
  request.setSeverity(severities[severity]);
  request.setMessage(message);
  request.setUrn(urn);
  request.setEphemeral(ephemeral);
  const engine = await client;
  await new Promise<void>((resolve, reject) => {
    engine.log(request, (error) => (error ? reject(error) : resolve()));
  });
}
