import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, afterEach, beforeAll, expect, jest, test } from "@jest/globals";
import common from "oci-common";

import { loadIdentity } from "../../../components/oke/token/identity.js";

/** A proxy that opens no tunnel. */
const asked: string[] = [];
const proxy = createServer();
proxy.on("connect", (request, socket) => {
  asked.push(request.url ?? "");
  socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
});
beforeAll(async () => {
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  proxy.close();
});
afterEach(() => {
  jest.restoreAllMocks();
  asked.length = 0;
});

/** The client with which an instance principal asks OCI for its token; the instance's metadata exist only on OCI. */
async function federationClient(env: Record<string, string>) {
  const { prototype } = common.InstancePrincipalsAuthenticationDetailsProviderBuilder;
  const httpClient = new common.FetchHttpClient(null);
  const provider = { federationClient: { httpClient } };
  jest.spyOn(prototype, "build").mockResolvedValue(provider as never);
  await loadIdentity(
    { TF_VAR_auth: "InstancePrincipal", TF_VAR_region: "fra", ...env },
    "/nowhere",
  );
  return httpClient;
}
const request = {
  uri: "https://auth.eu-frankfurt-1.oraclecloud.invalid/v1/x509",
  method: "POST" as const,
  headers: new Headers({ "content-type": "application/json" }),
  body: "{}",
};

test("an instance principal asks OCI's auth service through the proxy", async () => {
  const { port } = proxy.address() as AddressInfo;
  const client = await federationClient({ HTTPS_PROXY: `http://127.0.0.1:${port}` });
  await expect(client.send(request)).rejects.toThrow(`proxy http://127.0.0.1:${port}: 403`);
  expect(asked).toEqual(["auth.eu-frankfurt-1.oraclecloud.invalid:443"]);
});

test.each<[string, Record<string, string>]>([
  ["without a proxy", {}],
  ["where NO_PROXY covers it", { NO_PROXY: "oraclecloud.invalid" }],
])("an instance principal asks directly %s", async (_, env) => {
  const { port } = proxy.address() as AddressInfo;
  const HTTPS_PROXY = `http://127.0.0.1:${port}`;
  const client = await federationClient(env["NO_PROXY"] ? { HTTPS_PROXY, ...env } : {});
  await expect(client.send(request)).rejects.toThrow(/fetch failed|ENOTFOUND|EAI_AGAIN/);
  expect(asked).toEqual([]);
});
