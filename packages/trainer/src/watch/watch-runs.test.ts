import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { ConfigError, StorageError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder';
import { runIn } from '../testing/tiny-run';
import { RunMetrics } from './run-metrics';
import { RunWatcher } from './run-watcher';
import { type Watch, watchRuns } from './watch-runs';

const runs = join(temporaryFolder(), 'runs');
const one = join(runs, 'a<b>');
const look = () => new RunWatcher('a', one).look();

describe('runs that are watched', () => {
  let watch: Watch;

  beforeAll(async () => {
    await tf.setBackend('cpu');
    mkdirSync(runs, { recursive: true });
    watch = await watchRuns(runs);
  });
  afterAll(() => watch.close());

  it('are none before they begin, and there when they do', async () => {
    expect(await (await fetch(watch.url)).text()).toContain('No run yet');
    let during: Awaited<ReturnType<typeof look>> | undefined;
    await runIn(one, {
      checkpointEvery: { epochs: 1 },
      onEpoch: async ({ epoch }) => {
        if (epoch === 1) during = await look();
        if (epoch === 2) throw new Error('killed');
      },
    }).catch(() => undefined);
    expect(during).toMatchObject({ state: 'running', secondsLeft: expect.any(Number) });
    expect(during?.epochs).toHaveLength(1);
    expect(await look()).toMatchObject({ state: 'interrupted', secondsLeft: undefined });
  });

  it('have each step once when they were resumed, and are finished', async () => {
    const before = new RunMetrics(join(one, 'metrics.jsonl'));
    await before.update();
    await runIn(one, { checkpointEvery: { epochs: 1 } });
    await before.update();
    const { state, steps, epochs, fault } = await look();
    expect({ state, fault }).toEqual({ state: 'finished', fault: undefined });
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, index) => index + 1));
    expect(steps.at(-1)).toMatchObject({ totalSteps: steps.length, pace: { memory: expect.any(Number) } });
    expect(epochs).toHaveLength(4);
    expect(before.steps).toEqual(steps);
  });

  it('have each step once also where a look takes longer than until the next', async () => {
    const metrics = new RunMetrics(join(one, 'metrics.jsonl'));
    await Promise.all([metrics.update(), metrics.update()]);
    expect(metrics.steps.map(({ step }) => step)).toEqual((await look()).steps.map((_, index) => index + 1));
    expect(metrics.damagedLines).toBe(0);
  });

  it('are sent as they change, and escaped', async () => {
    const { text, headers } = await firstEvent(`${watch.url}events`);
    expect(headers['content-type']).toBe('text/event-stream');
    expect(text).toContain('a&lt;b&gt;');
    expect(text).not.toContain('a<b>');
    expect(text).toContain('Evaluation: accuracy');
  });

  it('are read as far as lines are whole, and told where they are damaged', async () => {
    const path = join(one, 'metrics.jsonl');
    const { length } = readFileSync(path);
    appendFileSync(path, '{"type":"step","step":99');
    expect((await look()).fault).toBeUndefined();
    appendFileSync(path, '\nnonsense\n');
    expect((await look()).fault).toMatch(/2 lines/);
    truncateSync(path, length);
    const config = join(one, 'config.json');
    const whole = readFileSync(config);
    writeFileSync(config, '{"polymodalRun":');
    expect(await look()).toMatchObject({ state: 'damaged', fault: expect.stringMatching(/config\.json/) });
    writeFileSync(config, whole);
  });

  it('are shown to this machine alone, by reading alone', async () => {
    expect((await fetch(`${watch.url}other`)).status).toBe(404);
    expect((await fetch(watch.url, { method: 'POST' })).status).toBe(405);
    const foreign = await new Promise((done) =>
      get(watch.url, { headers: { host: 'attacker.example' } }, ({ statusCode }) => done(statusCode)),
    );
    expect(foreign).toBe(403);
    const policy = (await fetch(watch.url)).headers.get('content-security-policy');
    expect(policy).toMatch(/default-src 'none'.*script-src 'sha256-/);
  });

  it('need a folder and a free port', async () => {
    await expect(watchRuns(join(runs, 'none'))).rejects.toThrow(StorageError);
    const { port } = new URL(watch.url);
    await expect(watchRuns(runs, { port: Number(port) })).rejects.toThrow(/^watchRuns\.port: .*free.*EADDRINUSE/);
    await expect(watchRuns(runs, { port: -1 })).rejects.toThrow(ConfigError);
  });
});

function firstEvent(url: string): Promise<{ text: string; headers: Readonly<Record<string, unknown>> }> {
  return new Promise((done, fail) => {
    get(url, (response) => {
      let received = '';
      response.on('data', (part) => {
        received += part;
        if (!received.endsWith('\n\n')) return;
        response.destroy();
        done({ text: JSON.parse(received.replace(/^data: /, '')), headers: response.headers });
      });
    }).on('error', fail);
  });
}
