import * as grpc from "@grpc/grpc-js";
import { expect, test } from "@jest/globals";
import services from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/resource_pb.js";
import * as pulumi from "@pulumi/pulumi";

import { inline } from "../../../tools/automation/inline.js";
import { isFromEndedEngine } from "../../../tools/automation/late-rejections.js";

const failing = (error: unknown) => inline(() => Promise.reject(error as Error))();
const rpcError = (code: number) => Object.assign(new Error("the monitor is terminating"), { code });

test("an inline program returns its outputs", async () => {
  expect(await inline(async () => ({ stage: "l7" }))()).toEqual({ stage: "l7" });
});

test.each([1, 14])(
  "an error with gRPC code %i, which the SDK would take for a success, fails the program",
  async (code) => {
    const error = await failing(rpcError(code)).catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      message: "The program did not complete: the monitor is terminating",
      cause: { code },
    });
    expect(error).not.toHaveProperty("code");
    expect(isFromEndedEngine(error)).toBe(true);
  },
);

test("any other error is passed on", async () => {
  const refusal = rpcError(7);
  await expect(failing(refusal)).rejects.toBe(refusal);
  const caused = new Error("refused", { cause: rpcError(1) });
  await expect(failing(caused)).rejects.toBe(caused);
  expect([refusal, new Error("no"), undefined, "text"].map(isFromEndedEngine)).toEqual(
    Array(4).fill(false),
  );
});

test("an engine is reached on the port of an earlier one", async () => {
  const { grpcClientOptions } = pulumi.runtime as unknown as { grpcClientOptions: object };
  const insecure = grpc.credentials.createInsecure();
  const clients: grpc.Client[] = [];
  const ask = (port: number) =>
    new Promise<number | undefined>((resolve) => {
      const address = `127.0.0.1:${port}`;
      const client = new services.ResourceMonitorClient(address, insecure, grpcClientOptions);
      clients.push(client);
      client.supportsFeature(new messages.SupportsFeatureRequest(), (error) =>
        resolve(error?.code),
      );
    });
  /** It implements nothing, and says so. */
  const monitor = async (port: number) => {
    const server = new grpc.Server();
    const credentials = grpc.ServerCredentials.createInsecure();
    const bound = await new Promise<number>((resolve, reject) =>
      server.bindAsync(`127.0.0.1:${port}`, credentials, (error, at) =>
        error ? reject(error) : resolve(at),
      ),
    );
    return { port: bound, server };
  };

  const first = await monitor(0);
  expect(await ask(first.port)).toBe(grpc.status.UNIMPLEMENTED);
  first.server.forceShutdown();
  expect(await ask(first.port)).toBe(grpc.status.UNAVAILABLE);
  const second = await monitor(first.port);
  expect(await ask(first.port)).toBe(grpc.status.UNIMPLEMENTED);
  second.server.forceShutdown();
  for (const client of clients) client.close();
});
