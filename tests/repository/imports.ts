import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

import ts from "typescript";

/** One file importing another: paths from the repository's root. */
export interface Import {
  from: string;
  to: string;
}

const rooms = ["components", "emulator", "tools", "verify"];

/** Every import between files of the repository, without tests. Works without Git, as in an archive. */
export function readImports(root: string): Import[] {
  const inRooms = rooms.flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: "utf8" }).map((file) =>
      posix.join(room, file),
    ),
  );
  const files = [...readdirSync(root), ...inRooms].filter((file) => /\.[jt]s$/.test(file));
  const known = new Set(files);
  return files.flatMap((from) =>
    importsIn(readFileSync(join(root, from), "utf8"))
      .map((specifier) => posix.join(posix.dirname(from), specifier))
      .map((path) => (known.has(path) ? path : path.replace(/\.js$/, ".ts")))
      .map((to) => ({ from, to })),
  );
}

/** Relative specifiers in a source file: static, dynamic and type imports, and re-exports. */
export function importsIn(source: string): string[] {
  const { importedFiles } = ts.preProcessFile(source, true, true);
  return importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith("."));
}

/** The folder directly below the root that a file is in; for a file in the root, its name. */
const roomOf = (file: string) => file.split("/")[0] ?? file;

const closedTo: Record<string, string[]> = {
  components: ["emulator", "tools"],
  "index.ts": ["emulator", "tools"],
  emulator: ["components", "index.ts", "tools"],
};

/** Imports from a room into one that it must not import. */
export function forbiddenImports(imports: readonly Import[]): string[] {
  return imports.filter(({ from, to }) => closedTo[roomOf(from)]?.includes(roomOf(to))).map(arrow);
}

/** Groups of files that import each other in a circle, with the imports that make it up. */
export function fileCircles(imports: readonly Import[]): string[] {
  return circles(imports, (file) => file).map((circle) => circle.map(arrow).join("\n"));
}

/**
 * Circles between the entries of one folder, at least one of which is a folder. A file counts as part of the folder
 * that it is in.
 */
export function folderCircles(imports: readonly Import[]): string[] {
  const folders = new Set(imports.flatMap(({ from, to }) => [...parents(from), ...parents(to)]));
  return [...folders].flatMap((folder) => {
    const childOf = (file: string) =>
      file.startsWith(`${folder}/`) ? file.slice(folder.length + 1).split("/")[0] : undefined;
    return circles(imports, childOf)
      .filter((circle) => circle.some(({ from }) => folders.has(`${folder}/${childOf(from)}`)))
      .map((circle) => `in ${folder}/:\n${circle.map(arrow).join("\n")}`);
  });
}

function parents(file: string): string[] {
  const folder = posix.dirname(file);
  return folder === "." ? [] : [folder, ...parents(folder)];
}

export const arrow = ({ from, to }: Import) => `${from} -> ${to}`;

/** The imports inside each group of nodes that reach each other. */
function circles(
  imports: readonly Import[],
  nodeOf: (file: string) => string | undefined,
): Import[][] {
  const edges = imports.flatMap((each) => {
    const [a, b] = [nodeOf(each.from), nodeOf(each.to)];
    return a === undefined || b === undefined || a === b ? [] : [{ each, a, b }];
  });
  const next = new Map<string, Set<string>>();
  for (const { a, b } of edges) next.set(a, (next.get(a) ?? new Set()).add(b));
  const reach = new Map([...next.keys()].map((node) => [node, reachable(node, next)]));
  const groups = new Map<string, Import[]>();
  for (const { each, a, b } of edges) {
    if (!reach.get(b)?.has(a)) continue;
    const members = [...(reach.get(a) ?? [])].filter((node) => reach.get(node)?.has(a));
    const key = members.sort().join(" ");
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()];
}

function reachable(start: string, next: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const found = new Set<string>();
  const open = [...(next.get(start) ?? [])];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    open.push(...(next.get(node) ?? []));
  }
  return found;
}
