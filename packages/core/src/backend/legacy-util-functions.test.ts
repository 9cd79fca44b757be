import type * as util from 'node:util';
import { describe, expect, it } from 'vitest';
import { restoreLegacyUtilFunctions } from './legacy-util-functions';

describe('restoreLegacyUtilFunctions', () => {
  it('puts back what tfjs-node calls, as it was', () => {
    const bare: { isArray?(value: unknown): boolean; isNullOrUndefined?(value: unknown): boolean } = {};
    restoreLegacyUtilFunctions(bare);
    expect([[], 'a', { length: 0 }].map(bare.isArray!)).toEqual([true, false, false]);
    expect([null, undefined, 0, '', false].map(bare.isNullOrUndefined!)).toEqual([true, true, false, false, false]);
    expect(Object.keys(bare)).toEqual([]);
  });

  it('leaves a function alone that is there', () => {
    const isArray = () => false;
    const present = { isArray, isNullOrUndefined: isArray };
    restoreLegacyUtilFunctions(present);
    expect(present).toEqual({ isArray, isNullOrUndefined: isArray });
  });

  it("mends Node's own module, which CommonJS packages see", () => {
    restoreLegacyUtilFunctions();
    const own = process.getBuiltinModule('node:util') as typeof util & { isNullOrUndefined?(value: unknown): boolean };
    expect(own.isNullOrUndefined?.(undefined)).toBe(true);
  });
});
