import { describe, expect, it } from 'vitest';
import { CaptureError, OnnxBackendError, ReplayError } from './errors';

const details = { expected: 'a', received: 'b', hint: 'Do c.' };

describe('OnnxBackendError', () => {
  it('is told apart by class, from a second copy too', () => {
    const foreign = { [Symbol.for('polymodal.error')]: ['CAPTURE', 'ONNX_BACKEND', 'POLYMODAL'] };
    for (const error of [new CaptureError('It failed.', details), foreign]) {
      expect([OnnxBackendError, CaptureError, ReplayError].map((Class) => Class.isInstance(error))).toEqual([
        true,
        true,
        false,
      ]);
    }
    for (const other of [new Error('plain'), undefined, {}]) expect(OnnxBackendError.isInstance(other)).toBe(false);
  });

  it('is an error of Polymodal by the mark that core looks for', () => {
    const error = new CaptureError('It failed.', details) as unknown as Record<symbol, unknown>;
    expect(error[Symbol.for('polymodal.error')]).toEqual(['CAPTURE', 'ONNX_BACKEND', 'POLYMODAL']);
  });

  it('can be said of a place', () => {
    const error = new CaptureError('It failed.', details);
    const placed = error.at('sample 3');
    expect(placed.message).toBe('sample 3: It failed. Expected: a. Received: b. Do c.');
    expect(placed).toMatchObject({ where: 'sample 3', code: 'CAPTURE', cause: error });
    expect(placed).toBeInstanceOf(CaptureError);
  });
});
