import { spawn } from "node:child_process";

/** What a program wrote to a terminal, and when. */
export interface Cast {
  columns: number;
  rows: number;
  /** Seconds since the start, and the text that was written then. */
  events: [seconds: number, text: string][];
}

/**
 * Runs a command in a pseudo-terminal and records what it writes.
 *
 * @param command for the shell.
 * @returns the recording, and the command's exit status; null if a signal ended it.
 */
export async function capture(
  command: string,
  { columns, rows }: { columns: number; rows: number },
  cwd: string,
): Promise<{ cast: Cast; status: number | null }> {
  const sized = `stty cols ${columns} rows ${rows}; exec ${command}`;
  // util-linux and macOS take the command differently: https://man7.org/linux/man-pages/man1/script.1.html
  const args =
    process.platform === "darwin"
      ? ["-q", "/dev/null", "sh", "-c", sized]
      : ["-qefc", sized, "/dev/null"];
  const env = { ...process.env, TERM: "xterm-256color" };
  // With these the walk has no colors, or draws nothing.
  for (const name of ["NO_COLOR", "CI"]) delete (env as NodeJS.ProcessEnv)[name];
  const child = spawn("script", args, {
    cwd,
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const started = Date.now();
  const events: Cast["events"] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    events.push([(Date.now() - started) / 1000, text]);
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  return { cast: { columns, rows, events }, status };
}

/** The recording in asciinema's format: https://docs.asciinema.org/manual/asciicast/v2/ */
export function toAsciicast({ columns, rows, events }: Cast): string {
  const header = { version: 2, width: columns, height: rows };
  const lines = [header, ...events.map(([seconds, text]) => [seconds, "o", text])];
  return `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`;
}

/** The opposite of {@link toAsciicast}; events other than output are left out. */
export function fromAsciicast(text: string): Cast {
  const [header = "{}", ...lines] = text.trimEnd().split("\n");
  const { width, height } = JSON.parse(header) as { width: number; height: number };
  const events = lines.map((line) => JSON.parse(line) as [number, string, string]);
  return {
    columns: width,
    rows: height,
    events: events.flatMap(([seconds, kind, data]) => (kind === "o" ? [[seconds, data]] : [])),
  };
}
