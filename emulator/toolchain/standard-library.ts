import { go } from "./go.js";

/**
 * Flags for every package. The executables run for minutes and take as long to compile, so they are optimized less:
 * - No DWARF, which the linker omits anyway.
 * - No inlining outside the standard library: compiling takes a third less time, running a tenth more.
 *
 * https://pkg.go.dev/cmd/compile
 */
export const compilerFlags = [
  "-trimpath",
  "-buildvcs=false",
  "-gcflags=all=-dwarf=false -l",
  "-gcflags=std=-dwarf=false",
];

let compiled: Promise<unknown> | undefined;

/**
 * Compiles Go's standard library into Go's cache. Builds of two modules that run side by side would otherwise each
 * compile it.
 *
 * @param cwd any module's folder.
 */
export function compileStandardLibrary(cwd: string): Promise<unknown> {
  compiled ??= go({ cwd, args: ["build", ...compilerFlags, "std"] }).catch((error: unknown) => {
    compiled = undefined;
    throw error;
  });
  return compiled;
}
