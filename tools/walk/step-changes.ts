import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation/events.js";

import { logicalName } from "../automation/steps.js";

export type Sign = "+" | "~" | "±" | "-";

const signs: Record<string, Sign> = {
  create: "+",
  update: "~",
  replace: "±",
  "create-replacement": "±",
  "delete-replaced": "±",
  delete: "-",
};

/** Changes of one sign to resources of one kind. */
export interface ChangeGroup {
  sign: Sign;
  kind: string;
  names: string[];
  /** How many of them are done. */
  done: number;
  running: boolean;
  failed: boolean;
}

interface Change {
  sign: Sign;
  kind: string;
  name: string;
  state: "waiting" | "running" | "done" | "failed";
  since: number;
}

/** The changes of one step: first as the preview lists them, then as the operation makes them. */
export class StepChanges {
  private readonly changes = new Map<string, Change>();

  constructor(private readonly now: () => number = Date.now) {}

  /** An event of the preview. */
  readonly planned = ({ resourcePreEvent }: EngineEvent): void => {
    if (resourcePreEvent) this.add(resourcePreEvent.metadata);
  };

  /** An event of the operation itself. */
  readonly happened = (event: EngineEvent): void => {
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent } = event;
    if (resourcePreEvent) this.turn(resourcePreEvent.metadata, "running");
    if (resOutputsEvent) this.turn(resOutputsEvent.metadata, "done");
    if (resOpFailedEvent) this.turn(resOpFailedEvent.metadata, "failed");
  };

  /** By kind, in the order in which the program registers them. */
  get groups(): ChangeGroup[] {
    const groups = new Map<string, ChangeGroup>();
    for (const { sign, kind, name, state } of this.changes.values()) {
      const key = `${sign}${kind}`;
      const group = groups.get(key) ?? {
        sign,
        kind,
        names: [],
        done: 0,
        running: false,
        failed: false,
      };
      group.names.push(name);
      if (state === "done") group.done += 1;
      if (state === "running") group.running = true;
      if (state === "failed") group.failed = true;
      groups.set(key, group);
    }
    // Parallel operations arrive in a different order each time.
    for (const { names } of groups.values()) names.sort();
    return [...groups.values()];
  }

  /** `21 to create, 1 to update`; empty if nothing changes. */
  get summary(): string {
    return this.counts(() => true, {
      "+": "to create",
      "~": "to update",
      "±": "to replace",
      "-": "to delete",
    });
  }

  /** `21 created, 1 updated`; empty if nothing has changed. */
  get result(): string {
    const done = { "+": "created", "~": "updated", "±": "replaced", "-": "deleted" };
    return this.counts(({ state }) => state === "done", done);
  }

  /** `3 of 21; istio-istiod 12 s`: how many are done, and which are running, the longest first. */
  get progress(): string {
    const open = [...this.changes.values()]
      .filter(({ state }) => state === "running")
      .sort((a, b) => a.since - b.since)
      .map(({ name, since }) => `${name} ${Math.floor((this.now() - since) / 1000)} s`);
    const done = this.count(({ state }) => state === "done");
    return [`${done} of ${this.changes.size}`, open.join(", ")].filter(Boolean).join("; ");
  }

  private counts(which: (change: Change) => boolean, words: Record<Sign, string>): string {
    return Object.entries(words)
      .map(([sign, word]) => ({ word, count: this.count((c) => c.sign === sign && which(c)) }))
      .filter(({ count }) => count > 0)
      .map(({ count, word }) => `${count} ${word}`)
      .join(", ");
  }

  private count(which: (change: Change) => boolean): number {
    return [...this.changes.values()].filter(which).length;
  }

  private turn(metadata: StepEventMetadata, state: Change["state"]): void {
    const change = this.changes.get(metadata.urn) ?? this.add(metadata);
    // A failed change stays failed: the second half of a replacement ends long after the first.
    if (!change || change.state === "failed") return;
    change.state = state;
    change.since = this.now();
  }

  private add(metadata: StepEventMetadata): Change | undefined {
    const { urn, op, type } = metadata;
    const sign = signs[op];
    const state = metadata.new ?? metadata.old;
    const name = logicalName(urn);
    // Components are not changes, and the engine's default providers belong to no step.
    if (!sign || !state?.custom || /^default_\d/.test(name)) return undefined;
    const known = this.changes.get(urn);
    if (known) return known;
    const change: Change = {
      sign,
      kind: type.startsWith("pulumi:providers:") ? "Provider" : (type.split(":").pop() ?? type),
      name: objectName(state.inputs) ?? name,
      state: "waiting",
      since: 0,
    };
    this.changes.set(urn, change);
    return change;
  }
}

/** A Kubernetes object's own name, which is more telling than the resource's. */
function objectName(inputs: Record<string, unknown> | undefined): string | undefined {
  const name = (inputs?.["metadata"] as { name?: unknown } | undefined)?.name;
  return typeof name === "string" && name !== "" ? name : undefined;
}
