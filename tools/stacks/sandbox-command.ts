/** The command line of an operation on that sandbox. */
export function command(operation: string, name: string): string {
  return `npm run -s sandbox -- ${operation}${name === "sandbox" ? "" : ` --name ${name}`}`;
}

/** The sandbox that a stack belongs to, by the stack's name; undefined for a stack of the user's own. */
export function sandboxOfStack(stack: string): string | undefined {
  return stack === "sandbox" ? stack : /^sandbox-(.+)$/.exec(stack)?.[1];
}
