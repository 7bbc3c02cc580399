// Preloaded by a test: the process writes the paths of the CommonJS modules that it has loaded to a file as it exits.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const { cache } = createRequire(import.meta.url);
process.on("exit", () => writeFileSync(process.env["LOADED"], Object.keys(cache).join("\n")));
