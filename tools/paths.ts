import { join } from "node:path";

import { cacheFolder } from "../components/cache.js";

/** The root of the repository. */
export const root = join(import.meta.dirname, "..");

/** The state folder of a sandbox: the emulator's state, the Pulumi backend and the tools' own files. */
export const stateDir = (name: string): string => join(root, ".sandbox", name);

/** The folder of builds and downloads that all checkouts share. */
export const cacheDir = cacheFolder();
