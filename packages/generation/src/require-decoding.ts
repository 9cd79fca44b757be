import { describeValue, PartError, requireArgument } from '@polymodal/core';

/**
 * Makes sure that a decoder, which may be others' code, gave as many numbers as it has to.
 *
 * @param expected what they are, in words
 * @throws PartError
 */
export function requireNumbers(numbers: unknown, length: number, expected: string): void {
  if (numbers instanceof Float32Array && numbers.length === length) return;
  const received = numbers instanceof Float32Array ? `${numbers.length} numbers` : describeValue(numbers);
  throw new PartError({ where: 'decoder', expected: `${expected}, ${length} numbers`, received });
}

/** @throws ConfigError for what is no signal */
export function requireSignal(signal: AbortSignal | undefined, where: string): void {
  const isSignal = signal === undefined || typeof signal?.throwIfAborted === 'function';
  requireArgument(isSignal, `${where}, signal`, 'an AbortSignal', signal);
}
