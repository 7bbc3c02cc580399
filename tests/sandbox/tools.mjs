import { spawnSync } from "node:child_process";

/** Builds the tools before the first test's timeout starts: with an empty cache that takes minutes. */
export default function prepare() {
  const { status } = spawnSync("npm", ["run", "-s", "sandbox", "--", "tools"], {
    // Standard output may be jest's report.
    stdio: ["ignore", process.stderr, "inherit"],
  });
  if (status !== 0) throw new Error("The sandbox's tools could not be built: see above.");
}
