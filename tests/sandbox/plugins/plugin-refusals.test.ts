import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "@jest/globals";

import { command } from "./plugin-cases.js";
import { refusals } from "./plugin-refusals.js";
import { benchFor } from "./plugin-stack.js";

const minutes = 60_000;
const { bench, folder } = benchFor("test-plugin-refusals");

describe.each(refusals(folder))("$what", (row) => {
  test(
    "fails, and the next update recovers",
    async () => {
      const stack = await bench().stack(row.what.replaceAll(" ", "-"), { enablePatchForce: true });
      if (row.before) await stack.up(row.before);
      const preview = stack.preview(row.attempt);
      if (row.inPreview) await expect(preview).rejects.toThrow(row.refused);
      else await preview;
      await expect(stack.up(row.attempt)).rejects.toThrow(row.refused);
      expect((await stack.up(row.corrected)).changes).toEqual(row.then);
      expect(await row.seen(bench())).toEqual(row.expected);
    },
    5 * minutes,
  );
});

test(
  "a command whose delete fails stays in the state until it succeeds",
  async () => {
    const stack = await bench().stack("sweeping");
    await stack.up(command(folder, "one"));
    rmSync(join(folder, "written-1"));
    await expect(stack.destroy()).rejects.toThrow(/exit status 1: running [^]*No such file/);
    writeFileSync(join(folder, "written-1"), "");
    expect(await stack.destroy()).toMatchObject({ delete: expect.any(Number) });
    expect(await stack.destroy()).toEqual({});
  },
  2 * minutes,
);
