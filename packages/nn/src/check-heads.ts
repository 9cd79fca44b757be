import { ConfigError } from '@polymodal/core';
import { checkSize } from './check-size';

/** Checks that the heads share the width evenly. @throws ConfigError with the numbers of heads that do */
export function checkHeads(hiddenSize: number, numAttentionHeads: number): void {
  checkSize('hiddenSize', hiddenSize);
  checkSize('numAttentionHeads', numAttentionHeads);
  if (hiddenSize % numAttentionHeads === 0) return;
  throw new ConfigError({
    where: 'numAttentionHeads',
    expected: `a divisor of hiddenSize ${hiddenSize}`,
    received: String(numAttentionHeads),
    hint: `These divide it: ${divisorsOf(hiddenSize).join(', ')}.`,
  });
}

/** Nobody has more heads. */
const mostHeads = 1024;

function divisorsOf(size: number): number[] {
  const upTo = Math.min(size, mostHeads);
  return Array.from({ length: upTo }, (_, index) => index + 1).filter((n) => size % n === 0);
}
