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
    const foreign = Object.assign(new Error('from another copy'), {
      [Symbol.for('polymodal.error')]: ['SAMPLE', 'POLYMODAL'],
    });
    expect(PolymodalError.isInstance(foreign)).toBe(true);
    expect(SampleError.isInstance(foreign)).toBe(true);
    expect(ConfigError.isInstance(foreign)).toBe(false);
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const other of [new Error('plain'), null, undefined, 'text', {}, proxy])
      expect(PolymodalError.isInstance(other)).toBe(false);
  });

  it('is told apart by class, with what stands below it', () => {
    class Narrower extends SampleError {
      static override readonly code = 'NARROWER';
    }
    const [sample, narrower] = [SampleError, Narrower].map((Class) => new Class({ expected: 'a', received: 'b' }));
    expect([sample?.code, narrower?.code]).toEqual(['SAMPLE', 'NARROWER']);
    expect([sample, narrower].map((error) => PolymodalError.isInstance(error))).toEqual([true, true]);
    expect([sample, narrower].map((error) => SampleError.isInstance(error))).toEqual([true, true]);
    expect([sample, narrower].map((error) => Narrower.isInstance(error))).toEqual([false, true]);
    expect([sample, narrower].map((error) => ConfigError.isInstance(error))).toEqual([false, false]);
    expect(narrower?.at('sample 3')).toBeInstanceOf(Narrower);
  });
});
