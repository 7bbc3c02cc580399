import type { Plan } from "./plan.js";

export function draw(plan: Plan): Promise<string> {
  return Promise.resolve(`<svg xmlns="http://www.w3.org/2000/svg"><!-- ${plan.stack} --></svg>\n`);
}
