/**
 * Goes on where nobody reads any more (`| head`, a pipe whose other end is gone): what is written is nobody's loss, and
 * what is under way comes to its end. Heard by nobody, each such error would be reported by the SDK, which writes it to
 * where nobody reads.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
}
