import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

const linux = existsSync("/proc/self/stat");

/**
 * When a process started: a text that differs for every process with the same number. Undefined if the process does not
 * exist or is a zombie.
 */
export function startedAt(pid: number): string | undefined {
  if (!linux) {
    // https://pubs.opengroup.org/onlinepubs/9799919799/utilities/ps.html; lstart: BSD, macOS.
    const [state, ...start] = ps(pid, "state=,lstart=").split(/\s+/);
    return state && !state.startsWith("Z") ? start.join(" ") : undefined;
  }
  const stat = read(`/proc/${pid}/stat`);
  if (!stat) return undefined;
  // The second field, a name in parentheses, may contain spaces and parentheses:
  // https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, threads, ticks] = [fields[0], Number(fields[17]), fields[19]];
  // After a kill, the first thread is a zombie while others may still hold the ports.
  if (state === "X" || (state === "Z" && threads <= 1)) return undefined;
  return `${ticks} ticks after boot ${read("/proc/sys/kernel/random/boot_id")?.trim()}`;
}

/** The process that listens on a TCP port of this machine, if the system reveals it. */
export function listenerOf(port: number): number | undefined {
  if (!linux) {
    const lsof = spawnSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-t"]);
    return Number.parseInt(lsof.stdout?.toString() ?? "", 10) || undefined;
  }
  const inodes = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => listeners(table, port));
  if (inodes.length === 0) return undefined;
  const sockets = new Set(inodes.map((inode) => `socket:[${inode}]`));
  return pids().find((pid) => openFiles(pid).some((target) => sockets.has(target)));
}

/** A process's program and arguments; empty if it has ended. */
export function commandLine(pid: number): string {
  if (!linux) return ps(pid, "command=");
  return (read(`/proc/${pid}/cmdline`) ?? "").replaceAll("\0", " ").trim();
}

/**
 * The processes of this user whose environment has a variable, and its value.
 *
 * @param variable a name whose values contain no white space.
 */
export function processesWith(variable: string): { pid: number; value: string }[] {
  const assigned = new RegExp(`(?:^|[\\0 ])${variable}=([^\\0\\s]+)`);
  return environments().flatMap(([pid, text]) => {
    const value = assigned.exec(text)?.[1];
    return value === undefined ? [] : [{ pid, value }];
  });
}

function environments(): [pid: number, text: string][] {
  if (linux) return pids().map((pid) => [pid, read(`/proc/${pid}/environ`) ?? ""]);
  // -E appends the environment to the arguments on macOS.
  const { stdout } = spawnSync("ps", ["-A", "-E", "-ww", "-o", "pid=,command="], {
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  return (stdout ?? "").split("\n").map((line) => [Number.parseInt(line, 10), line]);
}

function pids(): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
}

/** A process's program and arguments, cut to 80 characters. */
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
        return []; // closed in the meantime
      }
    });
  } catch {
    return []; // another user's process, or one that has ended
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
