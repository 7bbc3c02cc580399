import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { isGrpcError } from "@pulumi/pulumi/errors.js";

// Each operation's engine listens at a port of its own, that an earlier one's may have had. What gRPC has noted of that
// address, by default for the whole process, would fail the program's first call: the SDK never closes an inline
// program's connections (https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/runtime/settings.ts, disconnectSync).
const { grpcClientOptions } = pulumi.runtime as unknown as {
  grpcClientOptions: Record<string, number>;
};
grpcClientOptions["grpc.use_local_subchannel_pool"] = 1;

/**
 * A program to be run inline, which fails whenever it did not come to its end. The SDK takes CANCELLED and UNAVAILABLE
 * for the engine's end and reports a program that ended by one of them as a success
 * (https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/automation/server.ts, run): an engine that is there all
 * the same then deletes whatever was not registered.
 */
export const inline =
  (program: PulumiFn): PulumiFn =>
  async () => {
    try {
      return await program();
    } catch (error) {
      if (!isGrpcError(error as Error)) throw error;
      const { message } = error as Error;
      throw new Error(`The program did not come to its end: ${message}`, { cause: error });
    }
  };
