import { runInThisContext } from "node:vm";

import { afterAll } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { ignoreLateRejections } from "../../tools/automation/late-rejections.js";

// A test has a copy of `process` without these events; jest forgets a rejection that is handled later.
const real = runInThisContext("process") as NodeJS.Process;
const forgive = (rejected: Promise<unknown>) => void rejected.catch(() => undefined);
afterAll(ignoreLateRejections(real, forgive));

// An error of the program ends its run, and also rejects each of the stack's outputs; Pulumi's host ignores those.
const hear = (reason: unknown, promise: Promise<unknown>) => {
  if (pulumi.RunError.isInstance(reason)) forgive(promise);
};
real.on("unhandledRejection", hear);
afterAll(() => void real.off("unhandledRejection", hear));
