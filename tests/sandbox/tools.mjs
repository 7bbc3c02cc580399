import { spawnSync } from "node:child_process";

/** Has the tools built before the first test's time begins to run: with an empty cache that takes minutes. */
export default function prepare() {
  const { status } = spawnSync("npm", ["run", "-s", "sandbox", "--", "tools"], {
    // Standard output may be jest's own document.
    stdio: ["ignore", process.stderr, "inherit"],
  });
  if (status !== 0) throw new Error("The sandbox's tools could not be built: see above.");
}
