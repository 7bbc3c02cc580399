import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, jest } from "@jest/globals";

import { repeatMs } from "../../../tools/walk/screen/keys.js";
import { Pty } from "../../pty.js";

// The walk in a pseudo-terminal, with keys as a terminal sends them, on a stack without an engine.
jest.setTimeout(120_000);

export const pageDown = "\u001b[6~";
export const pageUp = "\u001b[5~";

export const sizes = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
];

let folder = "";
let walks = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "walk-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const running: Pty[] = [];
afterEach(() => {
  for (const { child } of running.splice(0)) child.kill();
});

/** `simulated-walk.ts` with options; it ends with the test. */
export class SimulatedWalk extends Pty {
  private readonly log: string;

  constructor(
    { env, ...size }: { columns: number; rows: number; env?: NodeJS.ProcessEnv },
    ...options: string[]
  ) {
    const log = join(folder, `${(walks += 1)}.log`);
    super(
      `${process.execPath} --import tsx tests/tools/walk/simulated-walk.ts ${log} ${options.join(" ")}`,
      size,
      env,
    );
    this.log = log;
    running.push(this);
  }

  /** The operations so far. */
  get operations(): string[] {
    return readFileSync(this.log, "utf8").trim().split("\n");
  }

  /** Waits for the question below a table or a plan. */
  async asks(what: string): Promise<void> {
    await this.shows(new RegExp(`\nEnter: ${what} .*$`), 30);
    await new Promise((resolve) => setTimeout(resolve, repeatMs));
  }
}

/** Waits until something holds, at most half a minute. */
export async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error("It took too long.");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
