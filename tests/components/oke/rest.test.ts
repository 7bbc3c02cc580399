import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";

import { request } from "../../../components/oke/oci/rest.js";
import { loadIdentity, type Identity } from "../../../components/oke/token/identity.js";
import { clientEnvironment } from "../../../emulator/oci/tenancy/environment.js";
import { apiKey } from "../../../emulator/oci/tenancy/identity.js";

/** Lists in pages, of which one is empty although another follows. */
const pages: Record<string, { names: string[]; next?: string }> = {
  "": { names: ["a", "b"], next: "2/=" },
  "2/=": { names: [], next: "3" },
  "3": { names: ["c"] },
};
const asked: string[] = [];
const server = createServer((message, response) => {
  asked.push(message.url ?? "");
  const url = new URL(message.url ?? "", "http://localhost");
  const { names, next } = pages[url.searchParams.get("page") ?? ""] ?? { names: [] };
  if (next && message.method === "GET") response.setHeader("opc-next-page", next);
  const isList = url.pathname.endsWith("/loadBalancers");
  response.end(JSON.stringify(isList ? names.map((displayName) => ({ displayName })) : { names }));
});
const folder = mkdtempSync(join(tmpdir(), "rest-"));
let caller: { identity: Identity; region: string; env: Record<string, string> };
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const env = clientEnvironment(`http://127.0.0.1:${port}`, apiKey(folder));
  caller = { identity: await loadIdentity(env, folder), region: "eu-frankfurt-1", env };
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => void (asked.length = 0));

test("a list has the elements of all its pages", async () => {
  const list = await request(caller, "GET", "loadBalancers", "/loadBalancers?compartmentId=c");
  expect(list).toEqual(["a", "b", "c"].map((displayName) => ({ displayName })));
  expect(asked).toEqual([
    "/20170115/loadBalancers?compartmentId=c",
    "/20170115/loadBalancers?compartmentId=c&page=2%2F%3D",
    "/20170115/loadBalancers?compartmentId=c&page=3",
  ]);
});

test("an object is asked for once", async () => {
  expect(await request(caller, "GET", "loadBalancers", "/loadBalancers/a")).toEqual({
    names: ["a", "b"],
  });
  expect(asked).toEqual(["/20170115/loadBalancers/a"]);
});
