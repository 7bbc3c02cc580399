/** A mistake in the call itself: exit status 2, no stack trace. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
