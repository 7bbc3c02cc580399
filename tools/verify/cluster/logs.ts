import type { Access } from "./access.js";
import type { PodRef } from "./exec.js";

/**
 * Reads what a container has logged since a time.
 *
 * @param since RFC 3339; default: all.
 * @returns at most 256 KiB, the oldest first; undefined if the log can't be read.
 */
export type ReadLog = (pod: PodRef, since?: string) => Promise<string | undefined>;

export async function readLog(
  access: Access,
  { namespace, pod, container }: PodRef,
  since?: string,
): Promise<string | undefined> {
  const query = new URLSearchParams({ container, limitBytes: String(256 * 1024) });
  if (since) query.set("sinceTime", since);
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log?${query.toString()}`;
  const answer = await access.request(path).catch(() => undefined);
  return answer?.status === 200 ? answer.body : undefined;
}
