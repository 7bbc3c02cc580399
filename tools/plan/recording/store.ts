import * as state from "@pulumi/pulumi/runtime/state.js";

import type { Monitor } from "./monitor.js";

/** The part of the runtime's per-deployment store that a run without an engine must set. */
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
 * Runs `work` as one deployment with its own store: recordings in one process must not share the runtime's global store.
 * The Automation API separates inline programs in the same way (sdk/nodejs/automation/server.ts); the runtime has no
 * public API for it.
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
      // The address that the runtime's own mocks use; no connection is opened.
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
