import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { interruptSignal } from './interrupt-signal';

const before = { SIGINT: process.listeners('SIGINT'), SIGTERM: process.listeners('SIGTERM') };

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    for (const own of process.listeners(name)) if (!before[name].includes(own)) process.off(name, own);
  }
});

it('interruptSignal aborts at the first Ctrl-C, passed on twice as npm does, and ends the process at the second', () => {
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const signal = interruptSignal();
  expect(signal.aborted).toBe(false);
  process.emit('SIGINT', 'SIGINT');
  expect(signal.reason).toMatchObject({ name: 'AbortError', message: 'The process received SIGINT.' });
  expect(write).toHaveBeenCalledWith(expect.stringContaining('Once more to exit at once'));
  vi.advanceTimersByTime(400);
  process.emit('SIGINT', 'SIGINT'); // of the same key press
  expect(exit).not.toHaveBeenCalled();
  vi.advanceTimersByTime(200);
  process.emit('SIGINT', 'SIGINT');
  expect(exit).toHaveBeenCalledWith(130);
  process.emit('SIGTERM', 'SIGTERM');
  expect(exit).toHaveBeenCalledWith(143);
});
