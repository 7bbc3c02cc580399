import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { afterAll, expect, test } from "@jest/globals";

import { languageHostNote } from "../../../tools/sandbox/language-host.js";

const folder = mkdtempSync(join(tmpdir(), "language-host-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a PATH without the Node language host gets a note that says how to get one", () => {
  expect(languageHostNote(`/nowhere${delimiter}${folder}`).join(" ")).toMatch(
    /pulumi-language-nodejs, which is not on the PATH\. Install Pulumi to get it: https:/,
  );
  writeFileSync(join(folder, "pulumi-language-nodejs"), "");
  expect(languageHostNote(`/nowhere${delimiter}${folder}`)).toEqual([]);
});
