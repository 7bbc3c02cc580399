import * as pulumi from "@pulumi/pulumi";

/** Whether an engine runs the program: the mock monitor, which plans and tests run on, has no hooks. */
export function hasEngine(): boolean {
  const monitor = pulumi.runtime.getMonitor() as { registerErrorHook?: unknown } | undefined;
  return typeof monitor?.registerErrorHook === "function";
}
