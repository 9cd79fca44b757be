// A run whose weights and moments are far beyond 2 GiB: trains it straight through, trains it again and kills it, resumes that,
// and compares the two to the bit (Linux, about 13 bytes of disk and 20 of memory a parameter):
//   npm run check:large -- [--parameters 600] in millions, [--directory <folder>]
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runStatus } from '@polymodal/trainer';

interface Measured {
  readonly status: string;
  readonly steps: number;
  readonly parameters: number;
  readonly seconds: number;
  readonly peakOfSteps: number;
  readonly residentBeforeSaving: number;
  readonly peakOfSaving: number;
}

const { values: options } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: { parameters: { type: 'string', default: '600' }, directory: { type: 'string', default: tmpdir() } },
});
const parameters = Number(options.parameters) * 1e6;
/** How much more than what is being written, weights and moments, may be in memory while it is written. */
const maxExtra = 0.15;

const root = mkdtempSync(join(options.directory, 'large-run-'));
const faults: string[] = [];
try {
  const straightFolder = join(root, 'straight');
  const straight = trainIn(straightFolder)!;
  const written = await describe(straightFolder);
  rmSync(straightFolder, { recursive: true }); // makes room

  const folder = join(root, 'killed');
  trainIn(folder, 'killed');
  if (runStatus(folder) !== 'unfinished') faults.push('the killed run is not one that can be resumed');
  const checkpoint = bytesIn(join(folder, 'checkpoints'));
  const resumed = trainIn(folder)!;
  const again = await describe(folder);
  if (resumed.steps !== 2 || again.checksum !== written.checksum) faults.push('the resumed run has other weights');

  for (const [name, run] of Object.entries({ straight, resumed })) {
    const extra = (run.peakOfSaving - run.residentBeforeSaving) / checkpoint;
    console.log(
      `${name}: ${run.steps} steps in ${run.seconds.toFixed(0)} s; at most ${gigabytes(run.peakOfSteps)} in memory until the second ` +
        `step, then ${gigabytes(run.residentBeforeSaving)}, and ${gigabytes(run.peakOfSaving)} while ${gigabytes(checkpoint)} ` +
        `were written (${(100 * extra).toFixed(1)} % of them more)`,
    );
    if (extra > maxExtra) faults.push(`writing took ${(100 * extra).toFixed(1)} % of what was written`);
  }
  console.log(`weights: ${gigabytes(written.bytes)} in ${written.files} files; SHA-256 ${again.checksum}`);
  for (const fault of faults) console.log(`FAULT: ${fault}`);
  console.log(
    JSON.stringify({
      check: 'large',
      parameters: straight.parameters,
      checkpoint,
      straight,
      resumed,
      faults: faults.length,
    }),
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}
process.exitCode = faults.length > 0 ? 1 : 0;

/** In a process of its own. `undefined` if it killed itself. */
function trainIn(folder: string, killed?: 'killed'): Measured | undefined {
  const script = fileURLToPath(new URL('./train-large.ts', import.meta.url));
  const args = ['--conditions=@polymodal/source', '--import', 'tsx', script, folder, String(parameters)];
  const child = spawnSync(process.execPath, [...args, ...(killed ? [killed] : [])], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (killed && child.signal === 'SIGKILL') return undefined;
  const line = child.stdout.trim().split('\n').at(-1);
  if (child.status === 0 && line) return JSON.parse(line) as Measured;
  throw new Error(`the training in ${folder} ended with ${child.signal ?? child.status}`);
}

/** Size and common checksum of the trained weights. */
async function describe(folder: string) {
  const model = join(folder, 'model');
  const files = readdirSync(model)
    .filter((name) => name.endsWith('.safetensors'))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) await pipeline(createReadStream(join(model, file)), hash, { end: false });
  return { files: files.length, bytes: bytesIn(model), checksum: hash.digest('hex') };
}

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
