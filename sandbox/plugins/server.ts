import grpc from "@grpc/grpc-js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import info from "@pulumi/pulumi/proto/plugin_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import { attachEngine } from "./engine.js";
import type { Plugin } from "./plugin.js";
import {
  about,
  checkRequest,
  checkResponse,
  diffRequest,
  diffResponse,
  failureList,
  unary,
  unimplemented,
} from "./rpc.js";
import { fromStruct, toStruct } from "./values.js";

export { log } from "./engine.js";
export type { Severity } from "./engine.js";
export * from "./plugin.js";
export { containsUnknown, isObject, secret, unknown } from "./values.js";
export type { Properties } from "./values.js";

const cancellation = new AbortController();

/** Aborted when the engine asks its plugins to stop (Ctrl-C): what waits ends at once. */
export const cancelled: AbortSignal = cancellation.signal;

/**
 * Serves a plugin to the engine that started this process: prints the port on stdout, as the
 * engine expects, and ends with the engine, even one that was killed.
 *
 * The protocol is https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto.
 * `@pulumi/pulumi` itself is not loaded: it would add a second to the start of every plugin.
 */
export function serve(plugin: Plugin): void {
  const engine = process.argv.slice(2).find((arg) => !arg.startsWith("-"));
  if (engine) attachEngine(engine);
  // The engine holds the other end of stdin for as long as it lives.
  process.stdin.on("end", () => process.exit(0)).resume();
  const server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  server.addService(services.ResourceProviderService as never, handlers(plugin));
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
  });
}

/** The RPC methods, each a function from request to response; what is missing is `UNIMPLEMENTED`. */
function handlers(plugin: Plugin): grpc.UntypedServiceImplementation {
  const nothing = () => new empty.Empty();
  return {
    handshake: unary((r: messages.ProviderHandshakeRequest) => {
      if (r.getEngineAddress()) attachEngine(r.getEngineAddress());
      return new messages.ProviderHandshakeResponse();
    }),
    attach: unary((r: info.PluginAttach) => {
      attachEngine(r.getAddress());
      return nothing();
    }),
    getPluginInfo: unary(() => {
      const response = new info.PluginInfo();
      response.setVersion(plugin.version);
      return response;
    }),
    getSchema: unary(() => {
      const response = new messages.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: plugin.name, version: plugin.version }));
      return response;
    }),
    cancel: unary(() => {
      cancellation.abort(new Error("cancelled"));
      return nothing();
    }),
    configure: unary(async (r: messages.ConfigureRequest) => {
      await plugin.configure?.(fromStruct(r.getArgs()));
      const response = new messages.ConfigureResponse();
      // Neither secrets nor outputs are accepted: the engine unwraps them and marks the results.
      response.setSupportspreview(true);
      return response;
    }),
    checkConfig: unary(async (r: messages.CheckRequest) =>
      checkResponse(
        await (plugin.checkConfig?.(checkRequest(r)) ?? { inputs: fromStruct(r.getNews()) }),
      ),
    ),
    diffConfig: plugin.diffConfig
      ? unary(async (r: messages.DiffRequest) =>
          diffResponse(await plugin.diffConfig!(diffRequest(r))),
        )
      : unimplemented,
    check: unary(async (r: messages.CheckRequest) =>
      checkResponse(await plugin.check(checkRequest(r))),
    ),
    diff: unary(async (r: messages.DiffRequest) => diffResponse(await plugin.diff(diffRequest(r)))),
    create: unary(async (r: messages.CreateRequest) => {
      const { id, state } = await plugin.create({
        ...about(r),
        name: r.getName(),
        inputs: fromStruct(r.getProperties()),
        preview: r.getPreview(),
        timeoutSeconds: r.getTimeout(),
      });
      const response = new messages.CreateResponse();
      response.setId(id);
      response.setProperties(toStruct(state));
      return response;
    }),
    read: unary(async (r: messages.ReadRequest) => {
      const live = await plugin.read({
        ...about(r),
        id: r.getId(),
        inputs: fromStruct(r.getInputs()),
        state: fromStruct(r.getProperties()),
      });
      const response = new messages.ReadResponse();
      if (!live) return response;
      response.setId(live.id);
      response.setInputs(toStruct(live.inputs));
      response.setProperties(toStruct(live.state));
      return response;
    }),
    update: unary(async (r: messages.UpdateRequest) => {
      const state = await plugin.update({
        ...about(r),
        id: r.getId(),
        oldInputs: fromStruct(r.getOldInputs()),
        oldState: fromStruct(r.getOlds()),
        news: fromStruct(r.getNews()),
        preview: r.getPreview(),
        timeoutSeconds: r.getTimeout(),
        ignoreChanges: r.getIgnorechangesList(),
      });
      const response = new messages.UpdateResponse();
      response.setProperties(toStruct(state));
      return response;
    }),
    delete: unary(async (r: messages.DeleteRequest) => {
      await plugin.delete({
        ...about(r),
        id: r.getId(),
        inputs: fromStruct(r.getOldInputs()),
        state: fromStruct(r.getProperties()),
        timeoutSeconds: r.getTimeout(),
      });
      return nothing();
    }),
    invoke: unary(async (r: messages.InvokeRequest) => {
      if (!plugin.invoke) throw new Error(`${plugin.name} has no function ${r.getTok()}`);
      const { result, failures } = await plugin.invoke({
        token: r.getTok(),
        args: fromStruct(r.getArgs()),
        preview: r.getPreview(),
      });
      const response = new messages.InvokeResponse();
      response.setReturn(toStruct(result));
      response.setFailuresList(failureList(failures));
      return response;
    }),
  };
}
