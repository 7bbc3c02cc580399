import { expect, test } from "@jest/globals";

import { targetOf } from "../../../tools/verify/target.js";

// No backend has the stack, so its file is read: Pulumi.local.yaml, for a kind cluster.
test.each(["local", "acme/local", "acme/oke-ambient-mesh/local"])(
  "--stack %s verifies stack local, with the settings of its file, and is named so",
  async (stack) => {
    const target = await targetOf({ stack });
    expect(target).toMatchObject({ title: `stack ${stack}`, stack: "local" });
    expect(target.settings.cluster).toBe("existing");
  },
);
