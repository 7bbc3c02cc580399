import * as state from "@pulumi/pulumi/runtime/state.js";

import type { Monitor } from "./monitor.js";

/** The part of the runtime's per-deployment store that a deployment without an engine sets. */
interface Store {
  settings: {
    options: Record<string, unknown>;
    monitor?: unknown;
    engine?: unknown;
  };
}

interface Deployment {
  monitor: Monitor;
  project: string;
  stack: string;
  preview: boolean;
}

/**
 * Runs `work` as one deployment, in a store of its own: the runtime's global one would let two
 * recordings in a process see each other. Inline programs of the Automation API are kept apart in
 * the same way (sdk/nodejs/automation/server.ts); the runtime has no public door to it.
 */
export function withStore<T>(deployment: Deployment, work: () => Promise<T>): Promise<T> {
  const { withLocalStorage, getStore } = state as unknown as {
    withLocalStorage<R>(callback: () => R): R;
    getStore(): Store;
  };
  return withLocalStorage(() => {
    const { settings } = getStore();
    settings.options = {
      ...settings.options,
      project: deployment.project,
      stack: deployment.stack,
      dryRun: deployment.preview,
      organization: "organization",
      // What the runtime's own mocks call themselves; no address is ever dialled.
      monitorAddr: "mock",
      engineAddr: "mock",
      syncDir: undefined,
      parallel: undefined,
    };
    settings.monitor = deployment.monitor;
    settings.engine = deployment.monitor.engine;
    return work();
  });
}
