import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

import { expect, test } from "@jest/globals";
import ts from "typescript";

const root = join(import.meta.dirname, "..", "..");
const rooms = ["components", "tools", "verify"];
const files = rooms
  .flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: "utf8" }).map((file) =>
      posix.join(room, file.replaceAll("\\", "/")),
    ),
  )
  .filter((file) => file.endsWith(".ts"));
const sources = files.map((file) => ({ file, source: readFileSync(join(root, file), "utf8") }));
const filesWith = (isFound: (source: string) => boolean) =>
  sources
    .filter(({ file }) => !file.startsWith("components/http/"))
    .filter(({ source }) => isFound(source))
    .map(({ file }) => file);

function someNode(source: string, isFound: (node: ts.Node) => boolean): boolean {
  const visit = (node: ts.Node): boolean => isFound(node) || ts.forEachChild(node, visit) === true;
  return visit(ts.createSourceFile("x.ts", source, ts.ScriptTarget.Latest, true));
}

/** Whether it uses Node's own `fetch` as a value: calls it or passes it on. */
const usesFetch = (source: string) =>
  someNode(source, (node) => {
    if (!ts.isIdentifier(node) || node.text !== "fetch") return false;
    const { parent } = node;
    if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
      return parent.expression.getText() === "globalThis";
    }
    const isName =
      (ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent)) && parent.name === node;
    return !isName && !ts.isTypeQueryNode(parent) && !ts.isPropertySignature(parent);
  });

/** What a file imports as values from a module; `*` for the module as a whole. */
function valuesFrom(source: string, module: RegExp): string[] {
  const found: string[] = [];
  someNode(source, (node) => {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [name] = node.arguments;
      if (name && ts.isStringLiteral(name) && module.test(name.text)) found.push("*");
    }
    if (!ts.isImportDeclaration(node) || !ts.isStringLiteral(node.moduleSpecifier)) return false;
    const { importClause: clause, moduleSpecifier } = node;
    if (!module.test(moduleSpecifier.text) || !clause) return false;
    if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return false;
    const { namedBindings: named } = clause;
    if (clause.name || (named && ts.isNamespaceImport(named))) found.push("*");
    if (named && ts.isNamedImports(named)) {
      const values = named.elements.filter(({ isTypeOnly }) => !isTypeOnly);
      found.push(...values.map(({ name, propertyName }) => (propertyName ?? name).text));
    }
    return false;
  });
  return found;
}

const importsHttp = (source: string) =>
  valuesFrom(source, /^node:https?$/).some((name) => ["*", "request", "get"].includes(name));
const takesTunnel = (source: string) =>
  valuesFrom(source, /\/http\/tunnel\.js$/).includes("agentFor");
const readsKubeconfig = (source: string) =>
  valuesFrom(source, /^@kubernetes\/client-node$/).some((name) => /^(\*|KubeConfig)$/.test(name));

test("every request honors the proxy: no file but those of components/http uses Node's own fetch", () => {
  expect(filesWith(usesFetch)).toEqual([]);
});

test("every request honors the proxy: who uses node:https takes the agent of components/http", () => {
  expect(filesWith((source) => importsHttp(source) && !takesTunnel(source))).toEqual([]);
});

test("only components/kubeconfig reads kubeconfigs, as kubectl does and the client library does not", () => {
  expect(filesWith(readsKubeconfig)).toEqual([]);
});

test("a call of fetch is recognized; a property, a type, and another function of that name are not", () => {
  const uses = ["await fetch(url);", "const load = fetch;", "f(fetch)", "globalThis.fetch(url)"];
  const others = [
    "client.fetch(url);",
    "const a = { fetch: load };",
    "let load: typeof fetch;",
    "fetchUrl(url);",
    "// fetch(url)",
  ];
  expect([...uses, ...others].filter(usesFetch)).toEqual(uses);
});

test("an import of a value is recognized; an import of a type is not", () => {
  const values = [
    'import { KubeConfig } from "@kubernetes/client-node";',
    'import { KubeConfig as Config } from "@kubernetes/client-node";',
    'import * as k8s from "@kubernetes/client-node";',
    'const k8s = await import("@kubernetes/client-node");',
  ];
  const types = [
    'import type { KubeConfig } from "@kubernetes/client-node";',
    'import { Exec, type KubeConfig } from "@kubernetes/client-node";',
    'type Config = import("@kubernetes/client-node").KubeConfig;',
  ];
  expect([...values, ...types].filter(readsKubeconfig)).toEqual(values);
  expect(importsHttp('import { request } from "node:https";')).toBe(true);
  expect(importsHttp('import type { RequestOptions } from "node:https";')).toBe(false);
});
