import { describeValue, SampleError } from '@polymodal/core';

/** A value that can be handed to another thread, with the memory that goes along. */
export interface PlainCopy<T> {
  readonly value: T;
  readonly memory: readonly ArrayBuffer[];
}

/** Lists and objects within one another. Those that hold themselves have no end. */
const deepest = 100;

/**
 * A copy of plain data: numbers, texts, lists, objects, arrays of numbers, dates. Each array of numbers gets memory of its own: what a data
 * set gives may be a small part of a large piece, all of which would go along.
 *
 * @param where how error messages call it
 * @throws SampleError for what would come out of another thread as something else: an instance of a class, a function
 */
export function plainCopy<T>(value: T, where: string): PlainCopy<T> {
  const memory: ArrayBuffer[] = [];
  const copyBytes = (bytes: Uint8Array) => {
    const own = new Uint8Array(bytes);
    memory.push(own.buffer);
    return own.buffer;
  };
  const copy = (own: unknown, place: string, depth: number): unknown => {
    if (depth > deepest) throw notPlain(`${where}, ${place.slice(0, 100)}`, 'one that has no end, or hardly one');
    if (typeof own !== 'object' || own === null) {
      if (typeof own === 'function' || typeof own === 'symbol')
        throw notPlain(within(where, place), describeValue(own));
      return own;
    }
    if (ArrayBuffer.isView(own))
      return viewOf(own, copyBytes(new Uint8Array(own.buffer, own.byteOffset, own.byteLength)));
    if (own instanceof ArrayBuffer || own instanceof SharedArrayBuffer) return copyBytes(new Uint8Array(own));
    if (Array.isArray(own)) return own.map((item, index) => copy(item, join(place, index), depth + 1));
    if (own instanceof Date) return new Date(own);
    if (!isPlainObject(own)) throw notPlain(within(where, place), describeValue(own));
    return Object.fromEntries(
      Object.entries(own).map(([name, item]) => [name, copy(item, join(place, name), depth + 1)]),
    );
  };
  return { value: copy(value, '', 0) as T, memory };
}

function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A view of the same type, a Buffer of Node apart, which is a `Uint8Array` in any other thread. */
function viewOf(view: ArrayBufferView, memory: ArrayBuffer): ArrayBufferView {
  const View = Buffer.isBuffer(view) ? Uint8Array : (view.constructor as Uint8ArrayConstructor);
  return new View(memory);
}

function join(place: string, name: string | number): string {
  return place === '' ? String(name) : `${place}.${name}`;
}

function within(where: string, place: string): string {
  return place === '' ? where : `${where}, ${place}`;
}

function notPlain(where: string, received: string): SampleError {
  return new SampleError({
    where,
    expected: 'plain data, which other threads can be sent: paths, bytes, numbers, texts, lists and objects of them',
    received,
    hint: 'Let the data set give the path or the bytes of a file, or train without workers.',
  });
}
