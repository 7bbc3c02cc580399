import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, expect, test } from "@jest/globals";

import { isReachable } from "../../emulator/host/reach.js";

/** A proxy that answers for every plain server, and opens no tunnel. */
const asked: string[] = [];
const proxy = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  response.end();
});
proxy.on("connect", (request, socket) => {
  asked.push(`CONNECT ${request.url}`);
  socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterAll(() => {
  proxy.closeAllConnections();
  proxy.close();
});

test("a server is asked through the environment's proxy", async () => {
  const env = { PATH: process.env["PATH"], http_proxy: url, HTTPS_PROXY: url };
  expect(await isReachable("http://releases.invalid/plugins/", 5_000, env)).toBe(true);
  expect(await isReachable("https://releases.invalid/plugins/", 5_000, env)).toBe(false);
  expect(asked).toEqual(["HEAD http://releases.invalid/plugins/", "CONNECT releases.invalid:443"]);
});

test("a server is asked directly without one, and any status is an answer", async () => {
  expect(await isReachable(`${url}/plugins/`, 5_000, {})).toBe(true);
  expect(await isReachable("http://127.0.0.1:1/", 5_000, {})).toBe(false);
});
