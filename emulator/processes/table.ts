import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

const linux = existsSync("/proc/self/stat");

/**
 * When a process started, in words that are the same each time and for no other process under
 * the same number; nothing when there is no such process, or only its corpse.
 */
export function startedAt(pid: number): string | undefined {
  if (!linux) {
    // https://pubs.opengroup.org/onlinepubs/9799919799/utilities/ps.html; lstart: BSD, macOS.
    const [state, ...start] = ps(pid, "state=,lstart=").split(/\s+/);
    return state && !state.startsWith("Z") ? start.join(" ") : undefined;
  }
  const stat = read(`/proc/${pid}/stat`);
  if (!stat) return undefined;
  // The second field, the name in parentheses, may hold anything, spaces and parentheses too:
  // https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, threads, ticks] = [fields[0], Number(fields[17]), fields[19]];
  // Killed, the first thread is a corpse while the others may still hold the ports.
  if (state === "X" || (state === "Z" && threads <= 1)) return undefined;
  return `${ticks} ticks after boot ${read("/proc/sys/kernel/random/boot_id")?.trim()}`;
}

/** The process that listens on a TCP port of this machine, where the system tells. */
export function listenerOf(port: number): number | undefined {
  if (!linux) {
    const lsof = spawnSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-t"]);
    return Number.parseInt(lsof.stdout?.toString() ?? "", 10) || undefined;
  }
  const inodes = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => listeners(table, port));
  if (inodes.length === 0) return undefined;
  const sockets = new Set(inodes.map((inode) => `socket:[${inode}]`));
  return numbers().find((pid) => openFiles(pid).some((target) => sockets.has(target)));
}

/** A process's program and its arguments; empty where it is gone. */
export function commandLine(pid: number): string {
  if (!linux) return ps(pid, "command=");
  return (read(`/proc/${pid}/cmdline`) ?? "").replaceAll("\0", " ").trim();
}

/**
 * The processes whose environment assigns a variable, with what it assigns; those of other users stay unseen.
 *
 * @param variable a name; its values hold no white space.
 */
export function processesWith(variable: string): { pid: number; value: string }[] {
  const assigned = new RegExp(`(?:^|[\\0 ])${variable}=([^\\0\\s]+)`);
  return environments().flatMap(([pid, text]) => {
    const value = assigned.exec(text)?.[1];
    return value === undefined ? [] : [{ pid, value }];
  });
}

function environments(): [pid: number, text: string][] {
  if (linux) return numbers().map((pid) => [pid, read(`/proc/${pid}/environ`) ?? ""]);
  // -E: macOS, which puts the environment behind the arguments.
  const { stdout } = spawnSync("ps", ["-A", "-E", "-ww", "-o", "pid=,command="], {
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  return (stdout ?? "").split("\n").map((line) => [Number.parseInt(line, 10), line]);
}

function numbers(): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
}

/** A process's program and the beginning of its arguments. */
export function describeProcess(pid: number): string {
  const line = commandLine(pid);
  return line.length > 80 ? `${line.slice(0, 80)} …` : line || "unknown";
}

// https://docs.kernel.org/networking/proc_net_tcp.html: state 0A is LISTEN.
function listeners(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return (read(table) ?? "")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === "0A" && fields[1]?.endsWith(`:${wanted}`))
    .flatMap((fields) => fields[9] ?? []);
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return []; // closed meanwhile
      }
    });
  } catch {
    return []; // another user's process, or gone meanwhile
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function ps(pid: number, columns: string): string {
  const { stdout } = spawnSync("ps", ["-o", columns, "-p", String(pid)], { encoding: "utf8" });
  return stdout?.trim() ?? "";
}
