/** A value as it may stand in an error message: short, whatever it is. */
export function describeValue(value: unknown): string {
  try {
    return described(value);
  } catch {
    return 'an object that throws when it is read'; // a Proxy
  }
}

function described(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return `"${value.length > 60 ? `${value.slice(0, 57)}…` : value}"`;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Promise) return 'a promise that was not awaited';
  if (typeof value === 'object') return isPlain(value) ? plainObject(value) : `an object (${className(value)})`;
  return `a ${typeof value}`;
}

/** Whether it is a record, and of no class. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** By its keys: what was said, and what was not. */
function plainObject(value: object): string {
  const keys = Object.keys(value);
  if (keys.length === 0) return 'an object with nothing in it';
  const listed = keys.slice(0, mostKeys).map((key) => (key.length > 40 ? `${key.slice(0, 37)}…` : key));
  const more = keys.length > mostKeys ? ` and ${keys.length - mostKeys} more` : '';
  return `an object with ${listed.join(', ')}${more}`;
}

const mostKeys = 5;

function className(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' ? name.slice(0, 60) : 'no class';
}
