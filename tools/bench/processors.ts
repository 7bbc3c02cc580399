import { cpus } from "node:os";

/**
 * Starts counting the processors' time.
 *
 * @returns stops counting: the share of all processors' time in which they worked, from 0 to 1.
 */
export function countBusy(): () => number {
  const before = total();
  return () => {
    const after = total();
    return (after.busy - before.busy) / Math.max(1, after.all - before.all);
  };
}

function total(): { busy: number; all: number } {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    const sum = times.user + times.nice + times.sys + times.irq + times.idle;
    all += sum;
    busy += sum - times.idle;
  }
  return { busy, all };
}
