import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runStatus } from './run/run-folder';
import { tinyModel } from './testing/tiny-model';
import { tinyRun } from './testing/tiny-run';
import { train } from './train';
import type { TrainOptions } from './train-options';

const root = mkdtempSync(join(tmpdir(), 'polymodal-trainer-'));
const straight = join(root, 'straight');

const run = (directory: string, options: Partial<TrainOptions> = {}) =>
  train(tinyModel({ noise: 0.1 }), { ...tinyRun, directory, ...options });

const read = (directory: string, file: string) => readFileSync(join(directory, file));
const weights = (directory: string) => read(directory, 'model/model.safetensors');
const metrics = (directory: string) =>
  read(directory, 'metrics.jsonl')
    .toString()
    .replaceAll(/"seconds":[\d.e+-]+/g, '');

describe('a run in a folder', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    await run(straight);
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it('ends with config, metrics, model, report and summary', () => {
    expect(readdirSync(straight).sort()).toEqual(
      ['checkpoints', 'config.json', 'metrics.jsonl', 'model', 'report.html', 'summary.json'].sort(),
    );
    const lines = read(straight, 'metrics.jsonl')
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const steps = lines.filter(({ type }) => type === 'step');
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, i) => i + 1));
    const epochs = lines.filter(({ type }) => type === 'epoch');
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    for (const { epoch, loss, losses } of epochs) {
      const own = steps.filter((step) => step.epoch === epoch).map((step) => step.loss);
      expect(loss).toBeCloseTo(own.reduce((sum, value) => sum + value, 0) / own.length, 12);
      expect(losses.digit).toBeCloseTo(loss, 12);
    }
  });

  it('goes on after kill -9 and ends with the same bytes as one that ran straight through', async () => {
    const directory = join(root, 'killed');
    const script = fileURLToPath(new URL('./testing/killed-run.ts', import.meta.url));
    for (const lines of [5, 40]) {
      const child = spawn(process.execPath, ['--conditions=@polymodal/source', '--import', 'tsx', script, directory], {
        stdio: 'ignore',
      });
      const exited = new Promise<NodeJS.Signals | null>((resolve) => child.on('exit', (_, signal) => resolve(signal)));
      await untilLines(join(directory, 'metrics.jsonl'), lines);
      child.kill('SIGKILL');
      expect(await exited).toBe('SIGKILL');
      expect(runStatus(directory)).toBe('unfinished');
    }
    await run(directory);
    expect(weights(directory).equals(weights(straight))).toBe(true);
    expect(metrics(directory)).toBe(metrics(straight));
  });

  it('stops after the current step when the signal says so, and goes on with the same bytes', async () => {
    const directory = join(root, 'aborted');
    const controller = new AbortController();
    const first = await run(directory, {
      signal: controller.signal,
      checkpointEvery: { epochs: 3 },
      onEpoch: ({ epoch }) => {
        if (epoch === 2) controller.abort();
      },
    });
    expect(first.status).toBe('interrupted');
    expect(first.epochs).toHaveLength(2);
    const checkpoint = `${String(first.steps).padStart(9, '0')}.json`;
    expect(readdirSync(join(directory, 'checkpoints'))).toContain(checkpoint);
    expect(runStatus(directory)).toBe('unfinished');
    const second = await run(directory);
    expect(second.status).toBe('finished');
    expect(second.epochs).toHaveLength(8);
    expect(weights(directory).equals(weights(straight))).toBe(true);
    expect(metrics(directory)).toBe(metrics(straight));
  });

  it('takes the checkpoint before one that is torn, and says so', async () => {
    const directory = join(root, 'torn');
    await interruptedRun(directory);
    const [, newest] = readdirSync(join(directory, 'checkpoints')).filter((file) => file.endsWith('.safetensors'));
    const path = join(directory, 'checkpoints', newest);
    truncateSync(path, readFileSync(path).length - 100);
    const said: string[] = [];
    await run(directory, { progress: collect(said) });
    expect(said.join('')).toContain(`${newest} is damaged`);
    expect(weights(directory).equals(weights(straight))).toBe(true);
    expect(metrics(directory)).toBe(metrics(straight));
  });

  it('overlooks what a crash in the middle of a checkpoint leaves: tensors without a manifest, temporary files', async () => {
    const directory = join(root, 'half');
    await interruptedRun(directory);
    writeFileSync(join(directory, 'checkpoints', '000000999.safetensors'), 'half');
    writeFileSync(join(directory, 'checkpoints', '000000999.json.123.tmp'), '{');
    writeFileSync(join(directory, 'checkpoints', '000000998.json'), '{"sha256":');
    await run(directory);
    expect(weights(directory).equals(weights(straight))).toBe(true);
    expect(readdirSync(join(directory, 'checkpoints')).filter((file) => /99[89]/.test(file))).toEqual([]);
  });

  it('refuses to go on with other options and says which', async () => {
    const directory = join(root, 'other');
    await interruptedRun(directory);
    await expect(run(directory, { learningRate: 0.5 })).rejects.toThrow(/training\.learningRate: expected 0\.02/);
    await expect(run(directory, { data: (tinyRun.data as never[]).slice(1) })).rejects.toThrow(/data\.samples/);
    await expect(run(directory, { batchSize: 8 })).rejects.toThrow(ConfigError);
  });

  it('gives the model and result of a finished run again, and trains anew only if told to', async () => {
    const before = weights(straight);
    const again = await run(straight);
    expect(again.status).toBe('finished');
    expect(again.epochs).toHaveLength(8);
    expect(weights(straight).equals(before)).toBe(true);
    const said: string[] = [];
    await run(straight, { resume: false, epochs: 1, progress: collect(said) });
    expect(said.join('')).toContain('epoch 1/1');
    expect(weights(straight).equals(before)).toBe(false);
  });
});

/** A run that is stopped in its fourth epoch. */
async function interruptedRun(directory: string): Promise<void> {
  const controller = new AbortController();
  await run(directory, {
    signal: controller.signal,
    onEpoch: ({ epoch }) => {
      if (epoch === 3) controller.abort();
    },
  });
}

async function untilLines(path: string, count: number): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const lines = existsSync(path) ? readFileSync(path, 'utf8') : '';
    if (lines.split('\n').length > count) return;
  }
}

function collect(said: string[]) {
  return { write: (text: string) => said.push(text) > 0 } as unknown as NodeJS.WritableStream;
}
