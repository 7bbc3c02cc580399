import { afterAll, beforeAll, expect, test } from "@jest/globals";

import { targetOf } from "../../../tools/verify/target.js";

// Without Pulumi, the stack's file alone is read: Pulumi.local.yaml, for a kind cluster.
const path = process.env["PATH"];
beforeAll(() => void (process.env["PATH"] = "/nowhere"));
afterAll(() => void (process.env["PATH"] = path));

test.each(["local", "acme/local", "acme/oke-ambient-mesh/local"])(
  "--stack %s verifies stack local, with the settings of its file",
  async (stack) => {
    const target = await targetOf({ stack });
    expect(target).toMatchObject({ title: "stack local", stack: "local" });
    expect(target.settings.cluster).toBe("existing");
  },
);
