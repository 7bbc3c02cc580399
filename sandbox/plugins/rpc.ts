import grpc from "@grpc/grpc-js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import statuses from "@pulumi/pulumi/proto/status_pb.js";
import { InitializationError } from "./plugin.js";
import type { CheckResult, Diff, DiffKind } from "./plugin.js";
import { fromStruct, toStruct } from "./values.js";

export const about = (r: { getUrn(): string; getType(): string }) => ({
  urn: r.getUrn(),
  type: r.getType(),
});

export const checkRequest = (r: messages.CheckRequest) => ({
  ...about(r),
  name: r.getName(),
  olds: fromStruct(r.getOlds()),
  news: fromStruct(r.getNews()),
});

export const diffRequest = (r: messages.DiffRequest) => ({
  ...about(r),
  id: r.getId(),
  oldInputs: fromStruct(r.getOldInputs()),
  oldState: fromStruct(r.getOlds()),
  news: fromStruct(r.getNews()),
  ignoreChanges: r.getIgnorechangesList(),
});

export function checkResponse(result: CheckResult): messages.CheckResponse {
  const response = new messages.CheckResponse();
  response.setInputs(toStruct(result.inputs));
  response.setFailuresList(failureList(result.failures));
  return response;
}

export function failureList(failures: CheckResult["failures"] = []): messages.CheckFailure[] {
  return failures.map(({ property, reason }) => {
    const failure = new messages.CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    return failure;
  });
}

const kinds: Record<DiffKind, messages.PropertyDiff.Kind> = {
  add: 0,
  "add-replace": 1,
  delete: 2,
  "delete-replace": 3,
  update: 4,
  "update-replace": 5,
};

export function diffResponse(diff: Diff): messages.DiffResponse {
  const response = new messages.DiffResponse();
  const paths = Object.entries(diff.changes);
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  response.setChanges(paths.length === 0 ? DIFF_NONE : DIFF_SOME);
  response.setHasdetaileddiff(true);
  response.setDeletebeforereplace(diff.deleteBeforeReplace ?? false);
  response.setDiffsList([...new Set(paths.map(([path]) => topLevel(path)))]);
  response.setReplacesList(
    paths.filter(([, kind]) => kind.endsWith("-replace")).map(([path]) => topLevel(path)),
  );
  for (const [path, kind] of paths) {
    const detail = new messages.PropertyDiff();
    detail.setKind(kinds[kind]);
    detail.setInputdiff(diff.inputDiff ?? true);
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}

const topLevel = (path: string) => path.split(/[.[]/, 1)[0] ?? path;

type Callback = grpc.sendUnaryData<unknown>;

/** A method of one request and one response; what it throws becomes the RPC's error. */
export function unary<Request>(method: (request: Request) => unknown) {
  return (call: { request: Request }, callback: Callback): void => {
    void (async () => {
      try {
        callback(null, await method(call.request));
      } catch (error) {
        callback(serviceError(error));
      }
    })();
  };
}

export function unimplemented(_call: unknown, callback: Callback): void {
  callback({ code: grpc.status.UNIMPLEMENTED, details: "not implemented" });
}

function serviceError(error: unknown): Partial<grpc.StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new grpc.Metadata();
  if (error instanceof InitializationError) {
    const detail = new messages.ErrorResourceInitFailed();
    detail.setId(error.id);
    detail.setProperties(toStruct(error.state));
    detail.setReasonsList(error.reasons);
    if (error.inputs) detail.setInputs(toStruct(error.inputs));
    const packed = new any.Any();
    packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new statuses.Status();
    status.setCode(grpc.status.UNKNOWN);
    status.setMessage(message);
    status.addDetails(packed);
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
  return { code: grpc.status.UNKNOWN, details: message, metadata };
}
