import { execFile } from "node:child_process";

import { expect, test } from "@jest/globals";

import { root } from "../../../tools/paths.js";

/** Runs a program that rejects with that code and waits no longer; its exit status and what it said. */
const rejecting = (code: number) =>
  new Promise<[status: number, stderr: string]>((resolve) => {
    const program = `
      import { ignoreLateRejections } from "./tools/automation/late-rejections.js";
      ignoreLateRejections();
      void Promise.reject(Object.assign(new Error("from afar"), { code: ${code} }));
      setTimeout(() => process.exit(3), 100);`;
    const argv = ["--import", "tsx", "--input-type=module", "--eval", program];
    execFile(process.execPath, argv, { cwd: root }, (error, _, stderr) =>
      resolve([Number(error?.code ?? 0), stderr]),
    );
  });

test("calls that an ended engine did not answer do not end the process", async () => {
  expect(await rejecting(14)).toEqual([3, ""]);
  expect(await rejecting(1)).toEqual([3, ""]);
});

test("any other unhandled rejection does", async () => {
  expect(await rejecting(7)).toEqual([1, expect.stringContaining("from afar")]);
});
