import type { Engine } from "../sandbox/engine.js";
import { stopDaemon } from "../sandbox/oci/client.js";
import type { Options } from "../sandbox/options.js";
import type { Progress } from "../sandbox/progress.js";
import { configure, openSession } from "../sandbox/session.js";
import { status } from "../sandbox/status.js";
import type { Ground } from "./ground.js";

/** A sandbox, brought up as far as the engine needs it. */
export async function sandboxGround(
  name: string,
  progress: Progress,
  onEngine: (engine: Engine) => void,
): Promise<Ground> {
  const wasRunning = status(name).running;
  const options: Options = { command: "up", name, json: false, config: [] };
  const { stack, tools } = await openSession(options, progress, onEngine);
  return {
    stack,
    tried: async (stage) =>
      (await configure({ ...options, command: "preview", stage }, tools)) as string,
    keep: async (stage) => void (await configure({ ...options, stage }, tools)),
    close: async (untouched) => {
      if (untouched && !wasRunning) await stopDaemon(name);
    },
  };
}
