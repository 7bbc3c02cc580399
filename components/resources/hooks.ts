import { AsyncLocalStorage } from "node:async_hooks";

import * as pulumi from "@pulumi/pulumi";

/** Whether an engine runs the program: the mock monitor, which plans and tests run on, has no hooks. */
export function hasEngine(): boolean {
  const monitor = pulumi.runtime.getMonitor() as { registerErrorHook?: unknown } | undefined;
  return typeof monitor?.registerErrorHook === "function";
}

/** A provider's words in; sentences with the next command out, where there are any. */
export type Advice = (errors: readonly string[]) => string | undefined;

/**
 * Hooks that add advice to a failure of the provider's, which speaks to its developers. They never retry: the provider
 * has done that.
 *
 * @param name names the hook, once in a program.
 * @param resource what the advice is shown with; one that is registered when the failure comes.
 */
export function explainFailures(
  name: string,
  advise: Advice,
  resource?: pulumi.Resource,
): pulumi.CustomResourceOptions["hooks"] {
  if (!hasEngine()) return undefined;
  // The engine calls from outside of the program's context, in which alone the log leads to the engine.
  const inProgram = AsyncLocalStorage.snapshot();
  const hook = new pulumi.ErrorHook(name, async ({ errors }) => {
    const advice = advise(errors);
    if (advice) await inProgram(() => pulumi.log.error(advice, resource));
    return false;
  });
  return { onError: [hook] };
}
