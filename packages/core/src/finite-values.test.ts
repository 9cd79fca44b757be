import { describe, expect, it } from 'vitest';
import { NonFiniteError } from './errors';
import { finiteValues } from './finite-values';
import { ModuleBuffer } from './module-buffer';
import { Parameter } from './parameter';

const zeros = () => new Float32Array(2);

describe('finiteValues', () => {
  it('gives the values of a parameter, unless one of them is none', async () => {
    const parameter = new Parameter([2], zeros);
    parameter.assignValues(Float32Array.of(3e38, -0));
    expect(await finiteValues('weight', parameter)).toEqual(Float32Array.of(3e38, -0));
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      parameter.assignValues(Float32Array.of(1, value));
      await expect(finiteValues('weight', parameter)).rejects.toThrow(NonFiniteError);
    }
  });

  it('lets a buffer be infinite, as masks are, and not NaN', async () => {
    const buffer = new ModuleBuffer([2], zeros);
    buffer.assignValues(Float32Array.of(0, Number.NEGATIVE_INFINITY));
    expect(await finiteValues('mask', buffer)).toEqual(Float32Array.of(0, Number.NEGATIVE_INFINITY));
    buffer.assignValues(Float32Array.of(0, Number.NaN));
    await expect(finiteValues('mask', buffer)).rejects.toThrow(/^mask: .*NaN at position 1 of 2/);
  });
});
