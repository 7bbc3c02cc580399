import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * What a person should know who wants to run `pulumi up` with that PATH: the CLI runs `index.ts` through its Node
 * language host, which a CLI that was built from its Go module does not have beside it. Empty if there is one.
 *
 * @param path of the environment, in which the CLI looks for it: https://www.pulumi.com/docs/iac/concepts/plugins/
 */
export function languageHostNote(path: string): string[] {
  const folders = path.split(delimiter).filter(Boolean);
  if (folders.some((folder) => existsSync(join(folder, "pulumi-language-nodejs")))) return [];
  return [
    "This pulumi can read the stack, but `pulumi up` and `pulumi preview` also need the Node language host,",
    "pulumi-language-nodejs, which is not on the PATH. Install Pulumi to get it:",
    "https://www.pulumi.com/docs/iac/download-install/",
    "The sandbox's own commands, such as `npm start`, do not need it.",
  ];
}
