import { isRecord } from '@polymodal/core';

/** Any value of a sample as a text to be looked at. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (isRecord(value))
    return Object.entries(value)
      .map(([name, own]) => `${name}: ${textOf(own)}`)
      .join('; ');
  return JSON.stringify(value, (_, own) => (own instanceof Uint8Array ? `${own.length} bytes` : own)) ?? '';
}
