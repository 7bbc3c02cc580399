import { execFile } from "node:child_process";

import { root } from "../../tools/paths.js";

/** Runs a program from the repository's root until it ends; a missing program has the code NaN. */
export function runToEnd(
  program: string,
  argv: string[],
  { env = process.env, stdin }: { env?: NodeJS.ProcessEnv; stdin?: string } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(program, argv, { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
    if (stdin !== undefined) child.stdin?.end(stdin);
  });
}
