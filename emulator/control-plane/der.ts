/**
 * As much of ASN.1's DER as a certificate needs. https://www.itu.int/rec/T-REC-X.690
 * Each function gives one encoded value.
 */
export const der = {
  sequence: (...parts: Buffer[]) => tagged(0x30, ...parts),
  set: (...parts: Buffer[]) => tagged(0x31, ...parts),
  /** An explicit, constructed context tag: `[n] { … }`. */
  explicit: (tag: number, ...parts: Buffer[]) => tagged(0xa0 | tag, ...parts),
  /** An implicit, primitive context tag: `[n]` in place of the value's own. */
  implicit: (tag: number, value: Buffer) => tagged(0x80 | tag, value),
  boolean: (value: boolean) => tagged(0x01, Buffer.from([value ? 0xff : 0x00])),
  /** An integer of at least one byte, most significant first, not negative. */
  integer: (bytes: Buffer) =>
    tagged(0x02, (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes),
  bits: (bytes: Buffer, unused = 0) => tagged(0x03, Buffer.from([unused]), bytes),
  octets: (bytes: Buffer) => tagged(0x04, bytes),
  utf8: (text: string) => tagged(0x0c, Buffer.from(text, "utf8")),
  /** An object identifier in dotted form. */
  oid(dotted: string): Buffer {
    const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
    const arcs = rest.flatMap((arc) => {
      const groups = [arc & 0x7f];
      for (let more = arc >>> 7; more > 0; more >>>= 7) groups.unshift((more & 0x7f) | 0x80);
      return groups;
    });
    return tagged(0x06, Buffer.from([first * 40 + second, ...arcs]));
  },
  /** A time of which the fraction of a second is dropped; GeneralizedTime from 2050 on. */
  time(at: Date): Buffer {
    const digits = at.toISOString().replace(/[-:T]/g, "").slice(0, 14);
    return at.getUTCFullYear() < 2050
      ? tagged(0x17, Buffer.from(`${digits.slice(2)}Z`))
      : tagged(0x18, Buffer.from(`${digits}Z`));
  },
};

function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const size: number[] = [];
  for (let rest = content.length; rest > 0; rest = Math.floor(rest / 256)) size.unshift(rest % 256);
  const header = content.length < 0x80 ? [tag, content.length] : [tag, 0x80 | size.length, ...size];
  return Buffer.concat([Buffer.from(header), content]);
}
