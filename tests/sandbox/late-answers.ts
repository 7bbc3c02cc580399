import { runInThisContext } from "node:vm";

import { afterAll } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { ignoreLateRejections } from "../../tools/automation/late-rejections.js";

// A test has a copy of `process`, which hears of nothing; what jest has heard it forgets when it is handled after all.
const real = runInThisContext("process") as NodeJS.Process;
const forgive = (rejected: Promise<unknown>) => void rejected.catch(() => undefined);
afterAll(ignoreLateRejections(real, forgive));

// A refusal of the program's ends its run, and comes back from each of the stack's outputs: Pulumi's own host knows.
const hear = (reason: unknown, promise: Promise<unknown>) => {
  if (pulumi.RunError.isInstance(reason)) forgive(promise);
};
real.on("unhandledRejection", hear);
afterAll(() => void real.off("unhandledRejection", hear));
