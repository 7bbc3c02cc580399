import { Writable } from "node:stream";

import { Exec } from "@kubernetes/client-node";
import type { V1Status } from "@kubernetes/client-node";

import { UncheckedError } from "../finding.js";
import type { Access } from "./access.js";
import { refusal } from "./api.js";

export interface PodRef {
  namespace: string;
  pod: string;
  container: string;
}

/** The result of a command in a Pod. */
export interface ExecResult {
  /** The command's exit status; undefined when the time limit ended it. */
  exit?: number;
  stdout: string;
  stderr: string;
}

/** Runs a command in a Pod of the cluster. */
export type RunInPod = (pod: PodRef, command: string[], timeoutMs: number) => Promise<ExecResult>;

/**
 * Runs a command in a Pod, as `kubectl exec` does. Ends within `timeoutMs` plus the ten seconds that opening the
 * connection may take.
 *
 * @throws UncheckedError when the command could not run or the connection broke: no such Pod, refused, API server unreachable.
 */
export async function exec(
  access: Access,
  { namespace, pod, container }: PodRef,
  command: string[],
  timeoutMs: number,
): Promise<ExecResult> {
  const stdout = new Text();
  const stderr = new Text();
  const where = `exec in Pod ${namespace}/${pod}`;
  let end!: (status: V1Status) => void;
  const ended = new Promise<V1Status>((resolve) => (end = resolve));
  const runner = new Exec(await access.forExec());
  const socket = await runner
    .exec(namespace, pod, container, command, stdout, stderr, null, false, end)
    .catch(async () => {
      const path = `/api/v1/namespaces/${namespace}/pods/${pod}/exec`;
      const why = await refusal(access, `${path}?stdout=true&container=${container}&command=true`);
      throw new UncheckedError(`${where}: ${why.message}`, why.lasting);
    });
  let timer: NodeJS.Timeout | undefined;
  try {
    const outcome = await Promise.race([
      ended,
      new Promise<"cut">((resolve) => {
        socket.onclose = () => setImmediate(resolve, "cut");
        socket.onerror = () => resolve("cut");
      }),
      new Promise<"late">((resolve) => (timer = setTimeout(resolve, timeoutMs, "late"))),
    ]);
    if (outcome === "cut") {
      throw new UncheckedError(`${where}: the connection broke before the command ended`);
    }
    const exit = outcome === "late" ? undefined : exitStatus(outcome, where);
    return { exit, stdout: stdout.text, stderr: stderr.text };
  } finally {
    clearTimeout(timer);
    socket.terminate();
  }
}

function exitStatus(status: V1Status, where: string): number {
  if (status.status === "Success") return 0;
  const cause = status.details?.causes?.find(({ reason }) => reason === "ExitCode");
  if (cause?.message) return Number(cause.message);
  throw new UncheckedError(
    `${where}: ${status.message ?? status.reason ?? "failed without a message"}`,
  );
}

class Text extends Writable {
  private readonly parts: Buffer[] = [];

  constructor() {
    super();
    // Output that arrives after the status would raise an unhandled error.
    this.on("error", () => undefined);
  }

  override _write(part: Buffer, _encoding: string, done: () => void): void {
    this.parts.push(part);
    done();
  }

  get text(): string {
    return Buffer.concat(this.parts).toString();
  }
}
