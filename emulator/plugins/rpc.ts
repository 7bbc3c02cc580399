import grpc from "@grpc/grpc-js";
import { InitializationError } from "./plugin.js";
import type { Diff, DiffKind } from "./plugin.js";
import { encodeInitFailed, encodeStatus } from "./protocol.js";
import type { Properties } from "./values.js";

const kinds: DiffKind[] = [
  "add",
  "add-replace",
  "delete",
  "delete-replace",
  "update",
  "update-replace",
];
const noChanges = 1;
const someChanges = 2;

/** The protocol's response for a diff. */
export function diffResponse({ changes, deleteBeforeReplace, inputDiff = true }: Diff): Properties {
  const paths = Object.keys(changes);
  const replaces = paths.filter((path) => changes[path]?.endsWith("-replace"));
  return {
    changes: paths.length === 0 ? noChanges : someChanges,
    replaces: replaces.map(topLevel),
    deleteBeforeReplace: deleteBeforeReplace ?? false,
    diffs: [...new Set(paths.map(topLevel))],
    detailedDiff: Object.fromEntries(
      Object.entries(changes).map(([path, kind]) => [
        path,
        { kind: kinds.indexOf(kind), inputDiff },
      ]),
    ),
    hasDetailedDiff: true,
  };
}

const topLevel = (path: string) => path.split(/[.[]/, 1)[0] ?? path;

/** A handler of a unary method; what the method throws becomes the RPC's error. */
export function unary<Request>(method: (request: Request) => unknown) {
  return (call: { request: Request }, callback: grpc.sendUnaryData<unknown>): void => {
    void (async () => {
      try {
        callback(null, await method(call.request));
      } catch (error) {
        callback(serviceError(error));
      }
    })();
  };
}

function serviceError(error: unknown): Partial<grpc.StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new grpc.Metadata();
  if (error instanceof InitializationError) {
    const { id, state, reasons, inputs } = error;
    const value = encodeInitFailed({ id, state, reasons, inputs });
    const detail = { type_url: "type.googleapis.com/pulumirpc.ErrorResourceInitFailed", value };
    const status = encodeStatus({ code: grpc.status.UNKNOWN, message, details: [detail] });
    metadata.add("grpc-status-details-bin", status);
  }
  return { code: grpc.status.UNKNOWN, details: message, metadata };
}
