import { delimited, fixed64, varint } from "./decode.js";
import type { Schema, Type } from "./decode.js";
import { isObject, toEngine } from "./values.js";
import type { Properties } from "./values.js";

/** @returns a function that encodes messages; undefined fields are omitted. */
export function encoder(schema: Schema): (message: Properties) => Buffer {
  return (message) => {
    const writer = new Writer();
    writer.message(message, schema);
    return writer.bytes();
  };
}

/** Writes from the end to the start, so that a nested message is written before its length. */
class Writer {
  #bytes = Buffer.allocUnsafe(4096);
  #start = this.#bytes.length;

  bytes(): Buffer {
    return this.#bytes.subarray(this.#start);
  }

  message(message: Properties, schema: Schema): void {
    for (const [name, [field, type]] of Object.entries(schema)) {
      if (message[name] !== undefined) this.#field(field, type, message[name]);
    }
  }

  #field(field: number, type: Type, value: unknown): void {
    if (type === "string") this.#delimited(field, () => this.#text(value as string));
    else if (type === "bytes") this.#delimited(field, () => this.#raw(value as Buffer));
    else if (type === "struct") this.#delimited(field, () => this.#struct(value as Properties));
    else if (type === "double") this.#double(field, value as number);
    else if (type === "strings") this.#each(value as string[], field, (text) => this.#text(text));
    else if (typeof type === "string") this.#scalar(field, Number(value));
    else if ("message" in type)
      this.#delimited(field, () => this.message(value as Properties, type.message));
    else if ("messages" in type)
      this.#each(value as Properties[], field, (one) => this.message(one, type.messages));
    else {
      const entry: Schema = { key: [1, "string"], value: [2, { message: type.map }] };
      const entries = Object.entries(value as Properties).map(([key, one]) => ({
        key,
        value: one,
      }));
      this.#each(entries, field, (one) => this.message(one, entry));
    }
  }

  #each<T>(values: T[], field: number, write: (value: T) => void): void {
    for (let i = values.length - 1; i >= 0; i--)
      this.#delimited(field, () => write(values[i] as T));
  }

  #struct(properties: Properties): void {
    for (const key of Object.keys(properties)) {
      if (properties[key] === undefined) continue;
      this.#delimited(1, () => {
        this.#delimited(2, () => this.#value(properties[key]));
        this.#delimited(1, () => this.#text(key));
      });
    }
  }

  #value(plain: unknown): void {
    const value = toEngine(plain);
    if (typeof value === "string") this.#delimited(3, () => this.#text(value));
    else if (typeof value === "number") this.#double(2, value);
    else if (typeof value === "boolean") this.#scalar(4, Number(value));
    else if (Array.isArray(value))
      this.#delimited(6, () => this.#each(value, 1, (item) => this.#value(item)));
    else if (isObject(value)) this.#delimited(5, () => this.#struct(value));
    else this.#scalar(1, 0);
  }

  #delimited(field: number, write: () => void): void {
    const end = this.#bytes.length - this.#start;
    write();
    this.#varint(this.#bytes.length - this.#start - end);
    this.#varint(field * 8 + delimited);
  }

  #scalar(field: number, value: number): void {
    this.#varint(value);
    this.#varint(field * 8 + varint);
  }

  #double(field: number, value: number): void {
    this.#grow(8);
    this.#start -= 8;
    this.#bytes.writeDoubleLE(value, this.#start);
    this.#varint(field * 8 + fixed64);
  }

  #text(text: string): void {
    const length = Buffer.byteLength(text);
    this.#grow(length);
    this.#start -= length;
    this.#bytes.write(text, this.#start, "utf8");
  }

  #raw(bytes: Buffer): void {
    this.#grow(bytes.length);
    this.#start -= bytes.length;
    bytes.copy(this.#bytes, this.#start);
  }

  #varint(value: number): void {
    const groups: number[] = [];
    for (let rest = value; ; rest = Math.floor(rest / 128)) {
      groups.push(rest % 128);
      if (rest < 128) break;
    }
    this.#grow(groups.length);
    this.#start -= groups.length;
    groups.forEach((group, i) => {
      this.#bytes[this.#start + i] = i < groups.length - 1 ? group + 128 : group;
    });
  }

  #grow(length: number): void {
    if (length <= this.#start) return;
    const used = this.bytes();
    const bigger = Buffer.allocUnsafe((used.length + length) * 2);
    this.#start = bigger.length - used.length;
    used.copy(bigger, this.#start);
    this.#bytes = bigger;
  }
}
