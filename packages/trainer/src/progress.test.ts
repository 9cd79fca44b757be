import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatSeconds, type ProgressStream, progressBar } from './progress';

/** A stream that keeps what is written to it. */
function recorder(isTTY: boolean) {
  const written: string[] = [];
  const stream = { isTTY, columns: 100, write: (text: string) => written.push(text) > 0, on() {}, once() {} };
  return { written, stream: stream as unknown as ProgressStream };
}

describe('progressBar', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('writes a line of JSON every ten seconds, with the time that remains, where there is no terminal', () => {
    const { written, stream } = recorder(false);
    const bar = progressBar(stream);
    bar.start('Training', 100);
    for (let step = 1; step <= 50; step++) {
      vi.advanceTimersByTime(500);
      bar.update(step, `loss ${step}`, { loss: step });
    }
    bar.stop();
    expect(written.map((line) => JSON.parse(line))).toEqual([
      { progress: 'Training', done: 20, total: 100, secondsLeft: 40, loss: 20 },
      { progress: 'Training', done: 40, total: 100, secondsLeft: 30, loss: 40 },
    ]);
  });

  it('counts the time that remains from the pace since the start, not since an earlier run', () => {
    const { written, stream } = recorder(false);
    const bar = progressBar(stream);
    bar.start('Training', 100, 80);
    vi.advanceTimersByTime(10_000);
    bar.update(90);
    expect(written).toEqual(['{"progress":"Training","done":90,"total":100,"secondsLeft":10}\n']);
  });

  it('draws a bar on a terminal, and lines that stay', () => {
    const { written, stream } = recorder(true);
    const bar = progressBar(stream);
    bar.start('Training', 4);
    bar.update(2, 'loss 0.5');
    vi.advanceTimersByTime(1000);
    bar.say('epoch 1/2');
    bar.stop();
    expect(written.join('')).toMatch(/Training {2}█{12}░{12} {2}2\/4 {2}loss 0\.5/);
    expect(written.join('')).toContain('epoch 1/2\n');
  });

  it('writes nothing for false', () => {
    const write = vi.spyOn(process.stderr, 'write');
    const bar = progressBar(false);
    bar.start('Training', 1);
    bar.update(1);
    bar.say('done');
    bar.stop();
    expect(write).not.toHaveBeenCalled();
    write.mockRestore();
  });
});

describe('formatSeconds', () => {
  it('speaks in seconds, minutes or hours', () => {
    expect([0.4, 59.4, 65, 7620].map(formatSeconds)).toEqual(['0 s', '59 s', '1 min 05 s', '2 h 07 min']);
  });
});
