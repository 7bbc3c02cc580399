import { AsyncLocalStorage } from "node:async_hooks";

import * as pulumi from "@pulumi/pulumi";

/** Whether a real engine runs the program: the monitor of plans and tests has no hooks. */
export function hasEngine(): boolean {
  const monitor = pulumi.runtime.getMonitor() as { registerErrorHook?: unknown } | undefined;
  return typeof monitor?.registerErrorHook === "function";
}

/** Turns a provider's errors into sentences with the next command; undefined for errors it does not know. */
export type Advice = (errors: readonly string[]) => string | undefined;

/**
 * Hooks that print advice below a provider's error, which is written for the provider's developers. They never retry,
 * since the provider has done so.
 *
 * @param name the hook's name, unique in the program.
 * @param resource the advice is printed with it; it must be registered before the failure.
 */
export function explainFailures(
  name: string,
  advise: Advice,
  resource?: pulumi.Resource,
): pulumi.CustomResourceOptions["hooks"] {
  if (!hasEngine()) return undefined;
  // The engine calls the hook outside the program's async context, and the log needs that context.
  const inProgram = AsyncLocalStorage.snapshot();
  const hook = new pulumi.ErrorHook(name, async ({ errors }) => {
    const advice = advise(errors);
    if (advice) await inProgram(() => pulumi.log.error(advice, resource));
    return false;
  });
  return { onError: [hook] };
}
