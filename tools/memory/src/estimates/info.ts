// What `polymodal info --batch-sizes` says of a run, beside what its commands then take, each in a process of its own.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../../command/src/main.ts', import.meta.url));

/** Notes its greatest resident set when it ends. */
const watched = `import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync('peak.txt', String(process.resourceUsage().maxRSS * 1024)));`;

const config = `data:
  manifest: notes.csv
  slots: { note: note, row: { columns: [{ column: length, as: number }] } }
  targets: { verdict: verdict }
  split: { into: { train: 0.8, test: 0.2 } }
model:
  hiddenSize: 128
  encoders:
    note: { use: transformer, maxLength: 128, numHiddenLayers: 3, numAttentionHeads: 4 }
    row: { use: tabular-mlp, columns: { length: number } }
  fusion: { use: masked-transformer, numHiddenLayers: 1, numAttentionHeads: 4 }
  heads: { verdict: { use: classification, labels: [good, bad] } }
training: { epochs: 2, batchSize: 16 }
directory: runs/16
`;

/** What a figure is of, what was said, and what was measured, in bytes. */
export interface Estimated {
  readonly name: string;
  readonly estimated: number;
  readonly measured: number;
}

export function estimatesOfInfo(): Estimated[] {
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-info-'));
  try {
    const rows = Array.from({ length: 400 }, (_, row) => {
      const note = 'word '.repeat(1 + ((row * 7) % 24)).trim();
      return `${row % 9 === 0 ? '' : note},${note.length},${row % 2 ? 'good' : 'bad'}\n`;
    });
    writeFileSync(join(folder, 'notes.csv'), `note,length,verdict\n${rows.join('')}`);
    writeFileSync(join(folder, 'polymodal.yaml'), config);
    const trained = [16, 64].map((size) => {
      polymodal(folder, 'train', '--set', `training.batchSize=${size}`, '--set', `directory=runs/${size}`);
      return peakIn(folder);
    });
    polymodal(folder, 'predict', 'runs/16', 'notes.csv', '--out', 'answers.csv');
    const predicted = peakIn(folder); // 32 samples at a time
    const { memory } = JSON.parse(polymodal(folder, 'info', 'runs/16', '--batch-sizes', '16,32,64', '--json')) as {
      readonly memory: readonly { readonly training: number; readonly predicting: number }[];
    };
    const [at16, at32, at64] = memory;
    return [
      { name: 'info, learning, batches of 16', estimated: at16!.training, measured: trained[0]! },
      { name: 'info, learning, batches of 64', estimated: at64!.training, measured: trained[1]! },
      { name: 'info, answering, batches of 32', estimated: at32!.predicting, measured: predicted },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function polymodal(folder: string, ...args: readonly string[]): string {
  const preload = `data:text/javascript,${encodeURIComponent(watched)}`;
  const program = [
    '--conditions=@polymodal/source',
    '--import',
    import.meta.resolve('tsx'),
    '--import',
    preload,
    command,
  ];
  return execFileSync(process.execPath, [...program, ...args], {
    cwd: folder,
    env: { ...process.env, INIT_CWD: folder },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function peakIn(folder: string): number {
  return Number(readFileSync(join(folder, 'peak.txt'), 'utf8'));
}
