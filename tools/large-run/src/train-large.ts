// Trains the large model for two steps: node train-large.ts <directory> <parameters> [killed]. With "killed" the process kills
// itself after the second step, before its checkpoint. Prints a line of JSON with what it measured.
import { readFileSync, writeFileSync } from 'node:fs';
import { useBackend } from '@polymodal/core';
import { train } from '@polymodal/trainer';
import { largeModel, largeSamples } from './large-model';

const [directory, parameters, killed] = process.argv.slice(2);
await useBackend('onnx');
const model = largeModel(Number(parameters));
const count = [...model.parameters().values()].reduce((sum, { size }) => sum + size, 0);
const started = performance.now();
/** Before the last checkpoint, and the largest before that. */
let resident = 0;
let peakOfSteps = 0;

const { status, steps } = await train(model, {
  data: largeSamples(model, 2),
  epochs: 2,
  batchSize: 2,
  directory: directory!,
  progress: false,
  onEpoch({ epoch }) {
    if (epoch === 2 && killed) process.kill(process.pid, 'SIGKILL');
    peakOfSteps = Math.max(peakOfSteps, memory('VmHWM'));
    resident = memory('VmRSS');
    writeFileSync('/proc/self/clear_refs', '5'); // begins VmHWM anew
  },
});
console.log(
  JSON.stringify({
    status,
    steps,
    parameters: count,
    seconds: (performance.now() - started) / 1000,
    peakOfSteps,
    residentBeforeSaving: resident,
    peakOfSaving: memory('VmHWM'),
  }),
);

/** A figure of Linux about this process, in bytes. */
function memory(name: 'VmHWM' | 'VmRSS'): number {
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;
}
