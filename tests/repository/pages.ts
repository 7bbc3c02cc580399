import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export const read = (page: string) => readFileSync(join(root, page), "utf8");

/** Every Markdown page of the repository, as paths from its root. */
export const pages = [
  ...readdirSync(root),
  ...["docs", "emulator", "components", "tools"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) =>
      join(folder, file),
    ),
  ),
].filter((file) => file.endsWith(".md"));

const withoutCode = (text: string) => text.replace(/^```[^]*?^```/gm, "").replace(/`[^`\n]*`/g, "");

/** Targets of a page's links and images, without those on other sites. */
export function linksOf(page: string): string[] {
  const text = withoutCode(read(page));
  return [
    ...[...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, link = ""]) => link),
    ...[...text.matchAll(/\b(?:src|srcset|href)="([^"]+)"/g)].map(([, link = ""]) => link),
  ].filter((link) => !/^[a-z]+:/.test(link));
}

/** The problem with a relative link of a page, if it has one. */
export function brokenLink(page: string, link: string): string | undefined {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : relative(root, join(root, dirname(page), path));
  if (!existsSync(join(root, target))) return `${page}: ${link} does not exist`;
  if (anchor === undefined) return undefined;
  if (statSync(join(root, target)).isDirectory() || !target.endsWith(".md")) {
    return `${page}: ${link} has an anchor, but is not a page`;
  }
  return anchorsOf(target).includes(anchor)
    ? undefined
    : `${page}: ${link} names no heading of ${target}`;
}

/** The anchors that GitHub gives a page's headings. */
function anchorsOf(page: string): string[] {
  const headings = read(page)
    .replace(/^```[^]*?^```/gm, "")
    .matchAll(/^#{1,6} (.*)$/gm);
  return [...headings].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** The npm scripts that a page tells the reader to run. */
export function scriptsOf(page: string): string[] {
  const text = read(page);
  return [
    ...[...text.matchAll(/\bnpm run (?:-s )?(\w+(?::\w+)*)/g)].map(([, script = ""]) => script),
    ...[...text.matchAll(/\bnpm (start|test)\b/g)].map(([, script = ""]) => script),
  ];
}

/** Files and folders of the repository that a page names as code, without those that hold a placeholder. */
export function pathsOf(page: string): string[] {
  const rooms = /^(components|docs|emulator|manifests|plans|tests|tools|verify)\/[\w./-]*$/;
  return [...read(page).matchAll(/`([^`\n]+)`/g)]
    .map(([, code = ""]) => code)
    .filter((code) => rooms.test(code));
}
