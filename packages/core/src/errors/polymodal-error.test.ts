import { describe, expect, it } from 'vitest';
import { ConfigError, PolymodalError, SampleError } from './index';

describe('PolymodalError', () => {
  it('says where, what was expected, what came and what to do', () => {
    const cause = new RangeError('inner');
    const error = new ConfigError({ where: 'fusion.use', expected: 'a name', received: '3', hint: 'Give one.', cause });
    expect(error.message).toBe('fusion.use: expected a name, received 3. Give one.');
    expect(error).toMatchObject({
      name: 'ConfigError',
      code: 'CONFIG',
      where: 'fusion.use',
      expected: 'a name',
      cause,
    });
    expect(error).toBeInstanceOf(Error);
    expect(new SampleError({ expected: 'a', received: 'b' }).message).toBe('expected a, received b.');
  });

  it('is recognised whichever copy of the package threw it', () => {
    const foreign = Object.assign(new Error('from another copy'), { [Symbol.for('polymodal.error')]: true });
    expect(PolymodalError.isInstance(foreign)).toBe(true);
    expect(PolymodalError.isInstance(new SampleError({ expected: 'a', received: 'b' }))).toBe(true);
    for (const other of [new Error('plain'), null, undefined, 'text', {}])
      expect(PolymodalError.isInstance(other)).toBe(false);
  });
});
