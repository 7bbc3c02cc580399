/** A mistake in the call itself: exit status 2, no stack trace. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Something a person can act on; its message says what and how. Exit status 1, no stack trace. */
export class SandboxError extends Error {
  override readonly name: string = "SandboxError";
}
