import { fromEngine } from "./values.js";
import type { Properties } from "./values.js";

/**
 * Converts between protocol buffers and plain values, as far as the provider protocol needs it:
 * https://protobuf.dev/programming-guides/encoding/
 *
 * The generated classes of google-protobuf take ten times as long for the nested `Struct`s of resources.
 */
export type Type =
  | "string"
  | "bytes"
  | "bool"
  | "int"
  | "double"
  | "struct"
  | "strings"
  | { message: Schema }
  | { messages: Schema }
  | { map: Schema };

/** Field name → its number and type. */
export type Schema = Record<string, readonly [number, Type]>;

/** Wire types. */
export const varint = 0;
export const fixed64 = 1;
export const delimited = 2;

/** @returns a function that decodes messages; absent fields have their type's empty value. */
export function decoder(schema: Schema): (bytes: Buffer) => Properties {
  const fields = new Map(
    Object.entries(schema).map(([name, [number, type]]) => [number, { name, type }]),
  );
  const empty = { string: "", bool: false, int: 0, double: 0 } as Record<string, unknown>;
  return (bytes) => {
    const message: Properties = {};
    for (const { name, type } of fields.values()) {
      message[name] = type === "struct" ? {} : type === "strings" ? [] : empty[String(type)];
    }
    const reader = new Reader(bytes);
    while (reader.position < bytes.length) {
      const tag = reader.varint();
      const field = fields.get(tag >>> 3);
      if (!field) reader.skip(tag & 7);
      else if (field.type === "strings") (message[field.name] as string[]).push(reader.string());
      else message[field.name] = read(reader, field.type);
    }
    return message;
  };
}

function read(reader: Reader, type: Type): unknown {
  if (type === "string") return reader.string();
  if (type === "bool") return reader.varint() !== 0;
  if (type === "int") return reader.varint();
  if (type === "double") return reader.double();
  if (type === "struct") return reader.struct(reader.end());
  throw new Error(`Requests have no fields of type ${JSON.stringify(type)}`);
}

class Reader {
  position = 0;
  constructor(private readonly bytes: Buffer) {}

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.bytes[this.position++] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  /** The end of the length-delimited field that starts here. */
  end(): number {
    const length = this.varint();
    return this.position + length;
  }

  string(): string {
    const end = this.end();
    const text = this.bytes.toString("utf8", this.position, end);
    this.position = end;
    return text;
  }

  double(): number {
    this.position += 8;
    return this.bytes.readDoubleLE(this.position - 8);
  }

  skip(wireType: number): void {
    if (wireType === varint) this.varint();
    else if (wireType === delimited) this.position = this.end();
    else this.position += wireType === fixed64 ? 8 : 4;
  }

  /** google.protobuf.Struct: { map<string, Value> fields = 1 } */
  struct(end: number): Properties {
    const properties: Properties = {};
    while (this.position < end) {
      this.varint();
      const entryEnd = this.end();
      let key = "";
      let value: unknown = null;
      while (this.position < entryEnd) {
        if (this.varint() >>> 3 === 1) key = this.string();
        else value = this.value(this.end());
      }
      properties[key] = value;
    }
    return properties;
  }

  /** google.protobuf.Value: one of null 1, number 2, string 3, bool 4, Struct 5, ListValue 6 */
  private value(end: number): unknown {
    let value: unknown = null;
    while (this.position < end) {
      const field = this.varint() >>> 3;
      if (field === 1) this.varint();
      else if (field === 2) value = this.double();
      else if (field === 3) value = fromEngine(this.string());
      else if (field === 4) value = this.varint() !== 0;
      else if (field === 5) value = fromEngine(this.struct(this.end()));
      else value = this.list(this.end());
    }
    return value;
  }

  private list(end: number): unknown[] {
    const values: unknown[] = [];
    while (this.position < end) {
      this.varint();
      values.push(this.value(this.end()));
    }
    return values;
  }
}
