import { describe, expect, it } from 'vitest';
import { unreadableValue } from './unreadable-value';

describe('unreadableValue', () => {
  it.each([
    [new ArrayBuffer(3), 'received an object (ArrayBuffer). Pass new Uint8Array(buffer).'],
    [new Blob([]), 'received an object (Blob). Pass the bytes: new Uint8Array(await blob.arrayBuffer()).'],
    [new URL('file:///a.png'), 'Pass a path: fileURLToPath(url)'],
    [['a.png', 'b.png'], 'received an array of 2. A slot of a sample holds one value'],
    [7, 'expected a picture, received 7.'],
  ])('says what to do with %o', (raw, message) => {
    expect(unreadableValue(raw, 'a picture').message).toContain(message);
  });
});
