import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { isGrpcError } from "@pulumi/pulumi/errors.js";

// Each operation's engine listens on a port that an earlier engine may have used. gRPC shares connections by address
// within a process, and a dead one would fail the program's first call: the SDK never closes an inline program's
// connections (https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/runtime/settings.ts, disconnectSync).
const { grpcClientOptions } = pulumi.runtime as unknown as {
  grpcClientOptions: Record<string, number>;
};
grpcClientOptions["grpc.use_local_subchannel_pool"] = 1;

/**
 * An inline program that fails whenever it does not complete. The SDK reads gRPC's CANCELLED and UNAVAILABLE as "the
 * engine has ended" and reports the program as successful
 * (https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/automation/server.ts, run). An engine that is still there
 * would then delete every resource that was not registered.
 */
export const inline =
  (program: PulumiFn): PulumiFn =>
  async () => {
    try {
      return await program();
    } catch (error) {
      if (!isGrpcError(error as Error)) throw error;
      const { message } = error as Error;
      throw new Error(`The program did not complete: ${message}`, { cause: error });
    }
  };
