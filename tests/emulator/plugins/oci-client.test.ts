import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "@jest/globals";

import { Client } from "../../../emulator/plugins/oci/client.js";

test("a request on a connection that the endpoint has just closed is sent again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "oci-client-"));
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(join(folder, "key"), privateKey.export({ type: "pkcs8", format: "pem" }));
  const answered = new Set<Socket>();
  const server = createServer((request, response) => {
    if (answered.has(request.socket)) {
      request.socket.destroy();
      return;
    }
    answered.add(request.socket);
    response.end("ok");
  });
  await new Promise<void>((up) => server.listen(0, "127.0.0.1", up));
  const { port } = server.address() as AddressInfo;
  const settings: Record<string, string> = {
    client_host_overrides: `a=http://127.0.0.1:${port}`,
    tenancy_ocid: "t",
    user_ocid: "u",
    fingerprint: "f",
    private_key_path: join(folder, "key"),
  };
  const client = new Client((name) => settings[name]);
  try {
    expect((await client.call("a", "GET", "/one")).text).toBe("ok");
    expect((await client.call("a", "GET", "/two")).text).toBe("ok");
    expect(answered.size).toBe(2);
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
});
