import { expect, it } from 'vitest';
import { reportError, reportedError, SampleError, StorageError, UnknownNameError } from '.';
import { PolymodalError } from './polymodal-error';

/** As another thread gets it. */
const sent = (thrown: unknown) => reportedError(structuredClone(reportError(thrown)));

it('gives an error of Polymodal back as one of its class, with what it says and where it came up', () => {
  const details = { where: 'sample 3', expected: 'a picture', received: 'text', hint: 'Look at it.' };
  const error = new SampleError({ ...details, cause: new RangeError('too far') });
  const again = sent(error);
  expect(again).toBeInstanceOf(SampleError);
  expect(again).toMatchObject({ ...details, message: error.message, stack: error.stack, name: 'SampleError' });
  expect(again.cause).toMatchObject({ name: 'RangeError', message: 'too far' });
});

it('keeps what the system calls a fault', () => {
  const cause = Object.assign(new Error('no room'), { code: 'ENOSPC', syscall: 'write' });
  const again = sent(new StorageError({ expected: 'room', received: 'none', cause }));
  expect((again as StorageError).systemCode).toBe('ENOSPC');
});

it('takes for an error of another package the nearest class that there is, and for what is no error one that says what it is', () => {
  class PictureError extends UnknownNameError {
    static override readonly code = 'ACME_PICTURE';
  }
  class OwnError extends PolymodalError {
    static override readonly code = 'ACME_OWN';
  }
  expect(sent(new PictureError({ expected: 'a', received: 'b' }))).toBeInstanceOf(UnknownNameError);
  expect(sent(new OwnError({ expected: 'a', received: 'b' })).message).toBe('expected a, received b.');
  expect(sent('just a text').message).toContain('just a text');
  const stop = new DOMException('stopped', 'AbortError');
  expect(sent(stop)).toMatchObject({ name: 'AbortError', message: 'stopped' });
});

it('ends with causes that go round', () => {
  const error = new Error('round');
  error.cause = error;
  expect(sent(error).message).toBe('round');
});
