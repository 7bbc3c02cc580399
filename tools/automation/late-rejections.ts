import { isGrpcError } from "@pulumi/pulumi/errors.js";

/** Whether an error, or its cause, means to the SDK that its engine has ended (gRPC's CANCELLED or UNAVAILABLE). */
export function isFromEndedEngine(reason: unknown): boolean {
  const { cause } = (reason ?? {}) as { cause?: unknown };
  return [reason, cause].some((error) => isGrpcError((error ?? {}) as Error));
}

/**
 * Ignores rejections of the SDK's calls to an engine that has ended. The program runs in this process, and a resource
 * that it registers while an `up` fails is rejected without a handler: Node would exit before the reason for the failure
 * is printed
 * (https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/runtime/resource.ts, runAsyncResourceOp).
 * Any other unhandled rejection still ends the process.
 *
 * @param forgive receives each ignored rejection, for a host that needs more than that.
 * @returns a function that stops ignoring.
 */
export function ignoreLateRejections(
  of: NodeJS.Process = process,
  forgive: (rejected: Promise<unknown>) => void = () => undefined,
): () => void {
  const handle = (reason: unknown, promise: Promise<unknown>) => {
    if (isFromEndedEngine(reason)) {
      forgive(promise);
      return;
    }
    // Another listener handles it.
    if (of.listenerCount("unhandledRejection") === 1) throw reason;
  };
  of.on("unhandledRejection", handle);
  return () => of.off("unhandledRejection", handle);
}
