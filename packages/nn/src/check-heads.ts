import { ConfigError } from '@polymodal/core';
import { checkSize } from './check-size';

/** Checks that the heads share the width evenly. @throws ConfigError with the numbers of heads that do */
export function checkHeads(hiddenSize: number, numAttentionHeads: number): void {
  checkSize('hiddenSize', hiddenSize);
  checkSize('numAttentionHeads', numAttentionHeads);
  if (hiddenSize % numAttentionHeads === 0) return;
  const divisors = Array.from({ length: hiddenSize }, (_, index) => index + 1).filter((n) => hiddenSize % n === 0);
  throw new ConfigError({
    where: 'numAttentionHeads',
    expected: `a divisor of hiddenSize ${hiddenSize}`,
    received: String(numAttentionHeads),
    hint: `These divide it: ${divisors.join(', ')}.`,
  });
}
