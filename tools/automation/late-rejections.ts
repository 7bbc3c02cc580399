import { isGrpcError } from "@pulumi/pulumi/errors.js";

/** Whether the SDK takes this for its engine's end (gRPC's CANCELLED or UNAVAILABLE), or what was caused by one. */
export function isFromEndedEngine(reason: unknown): boolean {
  const { cause } = (reason ?? {}) as { cause?: unknown };
  return [reason, cause].some((error) => isGrpcError((error ?? {}) as Error));
}

/**
 * Takes note of the SDK's calls that an engine which has ended leaves unanswered. Its program runs in this process, and
 * what it still registers while an `up` fails is rejected with nobody waiting: Node would end the process for it,
 * before it has said why the `up` failed
 * (https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/runtime/resource.ts, runAsyncResourceOp).
 * Any other rejection that nobody handles ends the process as before.
 *
 * @param forgive gets each such rejection, where not ending the process for it is not enough.
 * @returns what ends it.
 */
export function ignoreLateRejections(
  of: NodeJS.Process = process,
  forgive: (rejected: Promise<unknown>) => void = () => undefined,
): () => void {
  const hear = (reason: unknown, promise: Promise<unknown>) => {
    if (isFromEndedEngine(reason)) {
      forgive(promise);
      return;
    }
    // Where somebody else listens, it is theirs.
    if (of.listenerCount("unhandledRejection") === 1) throw reason;
  };
  of.on("unhandledRejection", hear);
  return () => of.off("unhandledRejection", hear);
}
