import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { Cloud } from "../../../../emulator/oci/cloud.js";
import { Endpoint } from "../../../../emulator/oci/http/endpoint.js";
import { clientEnvironment } from "../../../../emulator/oci/tenancy/environment.js";
import { apiKey, compartmentId, region } from "../../../../emulator/oci/tenancy/identity.js";
import { Store } from "../../../../emulator/oci/state/store.js";
import { exitCode, renderInventory } from "../../../../tools/verify/teardown/leftovers.js";
import { teardownInventory } from "../../../../tools/verify/teardown/prove.js";

// The same network in OCI, once as a stack's and once as an existing sandbox's.
const folder = mkdtempSync(join(tmpdir(), "verify-standing-"));
const key = apiKey(folder);
const cloud = new Cloud(
  new Store(),
  {
    startCluster: async () => ({ server: "https://127.0.0.1:6443", caPem: "CA" }),
    stopCluster: async () => undefined,
    addNode: async () => undefined,
    removeNode: async () => undefined,
  },
  folder,
);
const { id } = cloud.resources.create("vcn", {
  compartmentId,
  freeformTags: { "oke-ambient-mesh-stack": "dev" },
  cidrBlocks: ["10.0.0.0/16"],
  displayName: "net",
});
let endpoint: Endpoint;
beforeAll(async () => {
  endpoint = await Endpoint.listen({ cloud, keys: { [key.keyId]: key.publicKey } });
});
afterAll(async () => {
  await endpoint.close();
  rmSync(folder, { recursive: true });
});

const why = "has the tag oke-ambient-mesh-stack=dev";
const inventory = (sandboxNote?: string) =>
  teardownInventory({
    stack: "dev",
    settings: { cluster: "oke", compartmentId, namespace: "default", existing: {} },
    oci: clientEnvironment(endpoint.url, key),
    sandboxNote,
  });

describe("a network in OCI", () => {
  test("is a leftover of a stack, with the command that removes it", async () => {
    const found = await inventory();
    expect(exitCode(found)).toBe(1);
    expect(renderInventory("stack dev", found)).toBe(
      `stack dev: 1 resource left. Remove in this order:
✖ VCN net: ${why}
    oci network vcn delete --vcn-id ${id} --force --region ${region}
`,
    );
  });

  test("is a leftover of a sandbox, without a command for the real OCI", async () => {
    const standing = "The sandbox is still running. Destroy it with: npm run -s sandbox -- destroy";
    const found = await inventory(standing);
    expect(found.leftovers).toEqual([{ kind: "VCN", name: "net", why, going: false }]);
    expect(exitCode(found)).toBe(1);
    expect(renderInventory("sandbox", found, standing)).toBe(
      `sandbox: 1 resource left:
✖ VCN net: ${why}
${standing}
`,
    );
  });
});
