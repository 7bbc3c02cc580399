// Preloaded by a test: the process ends with the first text that it shows, and its log names what it loaded and ran
// until then.
import { ChildProcess } from "node:child_process";
import { appendFileSync } from "node:fs";
import { register } from "node:module";
import { stripVTControlCharacters } from "node:util";

const log = process.env["FIRST_WRITE_LOG"];
const note = (what) => appendFileSync(log, `${what}\n`);

const hooks = `
  import { appendFileSync } from "node:fs";
  export async function load(url, context, next) {
    const [, name] = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//.exec(url) ?? [];
    if (name) appendFileSync(${JSON.stringify(log)}, "load " + name + "\\n");
    return next(url, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const { spawn } = ChildProcess.prototype;
ChildProcess.prototype.spawn = function (options) {
  note(`run ${options.file}`);
  return spawn.call(this, options);
};

for (const stream of [process.stdout, process.stderr]) {
  stream.write = (text) => {
    const shown = stripVTControlCharacters(String(text)).trim();
    if (shown === "") return true;
    note(`show ${shown.split("\n")[0]}`);
    process.exit(0);
  };
}
