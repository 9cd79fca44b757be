import { describe, expect, it } from 'vitest';
import { shapeDifference } from './shape-difference';

describe('the difference between two programs', () => {
  it('names the inputs and outputs whose shapes changed, among many that did not', () => {
    const weights = Array.from({ length: 20 }, (_, i) => `float32[${i},8]`);
    const program = (length: number) => ({
      inputs: [...weights, `float32[32,${length}]`],
      outputs: ['float32[]', `float32[32,${length}]`],
    });
    expect(shapeDifference(program(17), program(18))).toBe(
      '  input 21 of 21: float32[32,17], then float32[32,18]\n  output 2 of 2: float32[32,17], then float32[32,18]',
    );
  });

  it('lists the first few of many, and counts the rest', () => {
    const program = (length: number) => ({ inputs: new Array<string>(9).fill(`float32[${length}]`), outputs: [] });
    expect(shapeDifference(program(1), program(2)).split('\n')).toHaveLength(5);
    expect(shapeDifference(program(1), program(2))).toContain('and 5 more');
  });

  it('says which tensors are there only once, where their number differs', () => {
    const before = { inputs: ['float32[2]', 'int32[3]', 'int32[3]'], outputs: ['float32[2]'] };
    const now = { inputs: ['float32[2]', 'int32[3]'], outputs: ['float32[2]'] };
    expect(shapeDifference(before, now)).toBe('  3 inputs, then 2: first int32[3], then nothing else');
  });

  it('says so where no shape differs', () => {
    const same = { inputs: ['bool[2,2]'], outputs: ['bool[2]'] };
    expect(shapeDifference(same, same)).toMatch(/none: both take bool\[2,2\] and give bool\[2\].*axis/);
  });
});
