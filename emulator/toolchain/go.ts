import { spawn, spawnSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { totalmem } from "node:os";
import { createInterface } from "node:readline";

import { EmulatorError } from "../errors.js";

/** A run of the `go` command. */
export interface GoRun {
  /** The module's folder. */
  cwd: string;
  args: string[];
  env?: Record<string, string>;
  /** Called with each line of standard error: what is downloaded or compiled. */
  onLine?: (line: string) => void;
}

/**
 * The environment of every `go` command here.
 *
 * Without cgo, no C compiler is needed, and the result does not depend on the machine's.
 * https://pkg.go.dev/cmd/go#hdr-Environment_variables
 */
const environment = { CGO_ENABLED: "0", GOWORK: "off", ...useMemory() };

/**
 * Lets the compiler and the linker collect garbage only once they use an eighth of the memory: few packages ever do,
 * and collecting takes a fifth of the processor time of a build. https://go.dev/doc/gc-guide#Memory_limit
 */
function useMemory() {
  // Without a limit, the value is huge or 0.
  const limit = Math.min(totalmem(), process.constrainedMemory() || Infinity);
  return { GOGC: "off", GOMEMLIMIT: `${Math.floor(limit / 8 / 2 ** 20)}MiB` };
}

/**
 * Runs `go` and returns its standard output.
 *
 * @throws EmulatorError that says what to do: no Go, too old, no network, no space.
 */
export function go({ cwd, args, env, onLine }: GoRun): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("go", args, {
      cwd,
      env: { ...process.env, ...environment, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const lines: string[] = [];
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    createInterface({ input: child.stderr }).on("line", (line) => {
      lines.push(line);
      onLine?.(line);
    });
    // An interrupted run must not leave a compiler behind.
    const kill = () => child.kill();
    process.once("exit", kill);
    child.once("error", (error) => {
      process.off("exit", kill);
      reject(notStarted(error));
    });
    child.once("close", (code, signal) => {
      process.off("exit", kill);
      if (signal) lines.push(`go: ended by ${signal}`);
      if (code === 0) resolve(output);
      else reject(failed(args, lines, cwd));
    });
  });
}

const installGo = "Install it from https://go.dev/dl/ and check that `go version` works";

function notStarted(error: Error): EmulatorError {
  const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
  const what = missing ? "Go is not installed" : `Go cannot be started (${error.message})`;
  return new EmulatorError(
    `${what}. The control plane is built with Go 1.26 or newer.\n${installGo}, then run the command again.`,
  );
}

/** Turns the output of a failed `go` command into an error that says what to do. */
export function failed(args: string[], lines: string[], cwd: string): EmulatorError {
  // A line without a space is the name of a compiled package.
  const last = lines
    .filter((line) => line.includes(" "))
    .slice(-8)
    .map((line) => `  ${line}`)
    .join("\n");
  const text = lines.join("\n");
  const old = /requires go >= ([\d.]+)[^(]*\(running go ([\d.]+)/.exec(text);
  if (old) {
    return new EmulatorError(
      `Go ${old[2]} is too old: ${old[1]} or newer is required.\n${installGo}, or let Go download it: unset GOTOOLCHAIN.`,
    );
  }
  if (/no space left on device|disk quota exceeded/i.test(text)) {
    return new EmulatorError(
      `The disk is full. A first build needs about 9 GB for Go's caches and 0.5 GB for the binaries.\n${space(cwd)}` +
        "Free some space (`go clean -cache` removes Go's build cache), then run the command again.",
    );
  }
  if (network.test(text)) {
    const why = lines.find((line) => network.test(line)) ?? "";
    return new EmulatorError(
      `Go modules cannot be downloaded:\n  ${why.trim()}\n` +
        "Check the network and the module proxy (`go env GOPROXY`). Then run the command again; " +
        "it continues with the modules that are still missing.",
    );
  }
  if (/signal: killed|out of memory/i.test(text)) {
    return new EmulatorError(
      `The build was killed, most likely because memory ran out (it needs about 4 GB).\n${last}`,
    );
  }
  return new EmulatorError(`\`go ${args[0]}\` failed in ${cwd}:\n${last}`);
}

const network =
  /dial tcp|no such host|i\/o timeout|TLS handshake|connection (refused|reset)|proxyconnect|unexpected EOF|: (40[1347]|429|5\d\d) |x509:|module lookup disabled/;

function space(cwd: string): string {
  const places = spawnSync("go", ["env", "GOCACHE", "GOMODCACHE"], { cwd, encoding: "utf8" });
  return (places.stdout ?? "")
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((place) => {
      try {
        const { bavail, bsize } = statfsSync(place);
        return `  ${place}: ${((bavail * bsize) / 2 ** 30).toFixed(1)} GB free\n`;
      } catch {
        return "";
      }
    })
    .join("");
}
