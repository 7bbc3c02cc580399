import { spawn } from "node:child_process";

import { isLive } from "../command-line/terminal.js";

type Environment = Record<string, string | undefined>;

/**
 * The command that opens a URL in a browser; undefined where a person would not see one: in CI, over SSH, without a
 * terminal or a display.
 */
export function browserCommand(
  stream: { isTTY?: boolean },
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
): [command: string, ...args: string[]] | undefined {
  if (!isLive(stream, env) || env["SSH_CONNECTION"] || env["SSH_TTY"]) return undefined;
  if (platform === "darwin") return ["open"];
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler"];
  return env["DISPLAY"] || env["WAYLAND_DISPLAY"] ? ["xdg-open"] : undefined;
}

/** Opens a URL in a browser, if there is one. Never fails: the URL is printed too. */
export function openBrowser(url: string): void {
  const [command, ...args] = browserCommand(process.stdout) ?? [];
  if (!command) return;
  spawn(command, [...args, url], { stdio: "ignore", detached: true })
    .on("error", () => undefined)
    .unref();
}
