import grpc from "@grpc/grpc-js";
import { attachEngine } from "./engine.js";
import type * as plugins from "./plugin.js";
import type { Plugin } from "./plugin.js";
import { service } from "./protocol.js";
import { diffResponse, unary } from "./rpc.js";
import type { Properties } from "./values.js";

export { log } from "./engine.js";
export type { Severity } from "./engine.js";
export * from "./plugin.js";
export { unknown } from "./values.js";
export type { Properties } from "./values.js";

const cancellation = new AbortController();

/** Aborted when the engine cancels the operation, by Ctrl-C for example. */
export const cancelled: AbortSignal = cancellation.signal;

/**
 * Serves a plugin to the engine that started this process: prints the port to stdout, as the engine expects, and exits when
 * the engine ends, even if the engine was killed.
 *
 * It does not load `@pulumi/pulumi`, which would add a second to the start of each plugin.
 */
export function serve(plugin: Plugin): void {
  const engine = process.argv.slice(2).find((arg) => !arg.startsWith("-"));
  if (engine) attachEngine(engine);
  // The engine holds the other end of stdin until it ends.
  process.stdin.on("end", () => process.exit(0)).resume();
  // Without a handler, a signal ends the process without its exit listeners.
  process.on("SIGINT", () => process.exit(130)).on("SIGTERM", () => process.exit(143));
  const server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  server.addService(service, handlers(plugin));
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
  });
}

/** The methods, with fields named as in `protocol.ts`. */
function handlers(plugin: Plugin): grpc.UntypedServiceImplementation {
  const { name, version } = plugin;
  return {
    Handshake: unary((r: { engineAddress: string }) => {
      if (r.engineAddress) attachEngine(r.engineAddress);
      // Declines secrets and outputs: the engine unwraps them, and marks the results.
      return {};
    }),
    Attach: unary((r: { address: string }) => {
      attachEngine(r.address);
      return {};
    }),
    GetPluginInfo: unary(() => ({ version })),
    GetSchema: unary(() => ({ schema: JSON.stringify({ name, version }) })),
    Cancel: unary(() => {
      cancellation.abort(new Error("cancelled"));
      return {};
    }),
    Configure: unary(async (r: { args: Properties }) => {
      await plugin.configure?.(r.args);
      return { supportsPreview: true };
    }),
    CheckConfig: unary((r: plugins.CheckRequest) => ({ inputs: r.news })),
    Check: unary((r: plugins.CheckRequest) => plugin.check(r)),
    Diff: unary(async (r: plugins.DiffRequest) => diffResponse(await plugin.diff(r))),
    Create: unary((r: plugins.CreateRequest) => plugin.create(r)),
    Read: unary(async (r: plugins.ReadRequest) => (await plugin.read(r)) ?? {}),
    Update: unary(async (r: plugins.UpdateRequest) => ({ state: await plugin.update(r) })),
    Delete: unary(async (r: plugins.DeleteRequest) => {
      await plugin.delete(r);
      return {};
    }),
    Invoke: unary((r: { token: string; args: Properties; preview: boolean }) => {
      if (!plugin.invoke) throw new Error(`The ${name} plugin has no function ${r.token}`);
      return plugin.invoke(r);
    }),
  };
}
