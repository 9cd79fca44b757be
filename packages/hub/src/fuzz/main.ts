// Opens mutated safetensors files and holds each against a naive reader:
//   pnpm fuzz:hub [--seed 1] [--cases 100000] [--files 4000] [--folders 4000] [--write folder --count 2000]
// --cases are read from memory, --files from the disk, --folders are sharded, with a mutated index or shard. --write puts
// files and outcomes into a folder that is new or empty, for tools/parity/hub_fuzz.py to compare with Python.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCheckpoint } from '../checkpoint/open-checkpoint';
import { checkFile, checkOpened, type Verdict } from './check-file';
import { checkFolder } from './check-folder';
import { drawDraft } from './draft';
import { mutate } from './mutate';
import { Random } from './random';

const { values: options } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    seed: { type: 'string', default: '1' },
    cases: { type: 'string', default: '100000' },
    files: { type: 'string', default: '4000' },
    folders: { type: 'string', default: '4000' },
    write: { type: 'string' },
    count: { type: 'string', default: '2000' },
  },
});

if (options.write !== undefined) makeEmptyFolder(options.write);
const slowest = 2000; // milliseconds for a file of some hundred bytes: anything near it is a hang
const firstSeed = Number(options.seed) * 1_000_000_007;
const scratch = mkdtempSync(join(tmpdir(), 'polymodal-fuzz-'));
const failures: string[] = [];

try {
  await run('from memory', Number(options.cases), (random) => checkFile(mutate(random, drawDraft(random))));
  await run('from files', Number(options.files), (random) => checkOnDisk(mutate(random, drawDraft(random))));
  await run('sharded folders', Number(options.folders), (random) => checkFolder(random, join(scratch, 'folder')));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
if (options.write !== undefined) await write(options.write, Number(options.count));
for (const failure of failures.slice(0, 20)) console.log(failure);
console.log(`${failures.length} faults, seed ${options.seed}`);
process.exitCode = failures.length > 0 ? 1 : 0;

async function run(title: string, count: number, check: (random: Random) => Promise<Verdict>): Promise<void> {
  const verdicts: Record<Verdict, number> = { accepted: 0, refused: 0, 'refused though valid': 0 };
  let longest = 0;
  for (let index = 0; index < count; index++) {
    const start = performance.now();
    try {
      verdicts[await check(new Random(firstSeed + index))]++;
    } catch (error) {
      failures.push(`${title}, seed ${firstSeed + index}: ${error instanceof Error ? (error.stack ?? error) : error}`);
    }
    const duration = performance.now() - start;
    longest = Math.max(longest, duration);
    if (duration > slowest) failures.push(`${title}, seed ${firstSeed + index}: took ${Math.round(duration)} ms`);
  }
  const counts = Object.entries(verdicts).map(([verdict, number]) => `${number} ${verdict}`);
  console.log(`${count} ${title}: ${counts.join(', ')}; longest ${longest.toFixed(1)} ms`);
}

async function checkOnDisk(file: Uint8Array<ArrayBuffer>): Promise<Verdict> {
  const path = join(scratch, 'model.safetensors');
  writeFileSync(path, file);
  return checkOpened(file, () => openCheckpoint(path));
}

/** What is there already is somebody's. @throws Error for a folder that has something in it, before anything is done */
function makeEmptyFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const [first] = readdirSync(folder);
  if (first !== undefined) throw new Error(`--write: expected a new or empty folder, received one with ${first} in it`);
}

/** The first mutated files, with what came of them. */
async function write(folder: string, count: number): Promise<void> {
  const outcomes: unknown[] = [];
  for (let index = 0; index < count; index++) {
    const random = new Random(firstSeed + index);
    const file = mutate(random, drawDraft(random));
    const path = join(folder, `${index}.safetensors`);
    writeFileSync(path, file, { flag: 'wx' });
    outcomes.push(await outcomeOf(path));
  }
  writeFileSync(join(folder, 'outcomes.json'), JSON.stringify(outcomes), { flag: 'wx' });
  console.log(`${count} files written to ${folder}`);
}

/** The tensors of a file, or why it is refused. */
async function outcomeOf(path: string) {
  try {
    const checkpoint = await openCheckpoint(path);
    await checkpoint.close();
    return { tensors: checkpoint.names.map((name) => ({ name, ...checkpoint.info(name) })) };
  } catch (error) {
    return { refused: String(error) };
  }
}
