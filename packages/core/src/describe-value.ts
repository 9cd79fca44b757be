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
  if (typeof value === 'object') return `an object (${className(value)})`;
  return `a ${typeof value}`;
}

function className(value: object): string {
  const name: unknown = value.constructor?.name ?? 'no prototype';
  return typeof name === 'string' ? name.slice(0, 60) : 'no class';
}
