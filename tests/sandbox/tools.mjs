import { spawnSync } from "node:child_process";

/** Builds the tools before the first test's timeout starts: with an empty cache that takes minutes. */
export default function prepare() {
  // Prometheus too: built by one test, it would change the tools of the sandboxes that run.
  const command = ["run", "-s", "sandbox", "--", "tools", "--config", "observability=true"];
  const { status } = spawnSync("npm", command, {
    // Standard output may be jest's report.
    stdio: ["ignore", process.stderr, "inherit"],
  });
  if (status !== 0) throw new Error("The sandbox's tools could not be built: see above.");
}
