import { readFileSync } from "node:fs";

/** The versions a go.mod requires, by module. */
export function readPins(goMod: string): (module: string) => string {
  const text = readFileSync(goMod, "utf8");
  return (module) => {
    const escaped = module.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const version = new RegExp(`^(?:require )?\\s*${escaped} (v\\S+)`, "m").exec(text)?.[1];
    if (!version) throw new Error(`${goMod} does not require ${module}`);
    return version;
  };
}
