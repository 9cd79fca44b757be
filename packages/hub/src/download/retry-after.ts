/**
 * Milliseconds that a server asks to wait before the next request: seconds or a date (RFC 9110, 10.2.3). Undefined where it asks for
 * nothing that can be read.
 */
export function retryAfterIn(headers: Headers): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(value)) return 1000 * Number(value);
  if (!/^[A-Z][a-z]+,? .*GMT$/.test(value)) return undefined;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
