import { describeValue } from './describe-value';
import { SampleError } from './errors';

/**
 * What to throw for a raw value that is none of those that a modality takes. It says what to do with values that are nearly
 * right: URLs, buffers, blobs, arrays.
 *
 * @param expected what the modality takes
 */
export function unreadableValue(raw: unknown, expected: string): SampleError {
  const hint = hintFor(raw);
  const scheme = typeof raw === 'string' ? schemeOf(raw) : undefined; // the rest of a URL may be secret
  return new SampleError({
    expected,
    received: scheme ? `a URL (${scheme}:)` : describeValue(raw),
    ...(hint && { hint }),
  });
}

/** The scheme of a string that is a URL and no path. A single letter is a drive of Windows. */
export function schemeOf(text: string): string | undefined {
  return /^([a-z][a-z0-9+.-]+):\/\//i.exec(text)?.[1].toLowerCase() ?? (/^data:/i.test(text) ? 'data' : undefined);
}

function hintFor(raw: unknown): string | undefined {
  if (raw === '') return 'The path is empty.';
  const scheme = raw instanceof URL ? raw.protocol.slice(0, -1) : typeof raw === 'string' ? schemeOf(raw) : undefined;
  if (scheme === 'file') return 'Pass a path: fileURLToPath(url), of node:url.';
  if (scheme === 'data') return "Pass the bytes: Buffer.from(url.slice(url.indexOf(',') + 1), 'base64').";
  if (scheme) return 'Nothing is fetched. Pass the bytes: new Uint8Array(await (await fetch(url)).arrayBuffer()).';
  if (raw instanceof ArrayBuffer) return 'Pass new Uint8Array(buffer).';
  if (raw instanceof Blob) return 'Pass the bytes: new Uint8Array(await blob.arrayBuffer()).';
  if (Array.isArray(raw)) return 'A slot of a sample holds one value: make a sample, or a slot, of each.';
  return undefined;
}
