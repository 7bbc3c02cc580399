import { readFileSync } from "node:fs";

/** Returns a function from a module to the version that a go.mod requires. */
export function readPins(goMod: string): (module: string) => string {
  const text = readFileSync(goMod, "utf8");
  return (module) => {
    const escaped = module.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const version = new RegExp(`^(?:require )?\\s*${escaped} (v\\S+)`, "m").exec(text)?.[1];
    if (!version) throw new Error(`${goMod} does not require ${module}`);
    return version;
  };
}
