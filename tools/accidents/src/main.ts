// Accidents to everything that writes files, at random moments: kills, full disks, lost permissions, cut files, second
// processes. Nothing may be lost or mixed, and every error is one of ours.
//   pnpm check:accidents [--seed 1] [--moments 40] [--writer saveModel]
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { hasSmallDisks } from './accidents/full-disk';
import type { Result } from './check-writer';
import { startSmallHub } from './small-hub';
import { lastLine, startChild } from './start-child';
import { type WriterName, writers } from './writers';

const { values: options } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    seed: { type: 'string', default: '1' },
    moments: { type: 'string', default: '40' },
    writer: { type: 'string' },
  },
});

/** So many writers are looked at side by side. */
const atOnce = 2;

const names = (Object.keys(writers) as WriterName[]).filter(
  (name) => options.writer === undefined || name === options.writer,
);
const cache = fileURLToPath(new URL('../.cache', import.meta.url)); // within the package, so that bundles find what they need
mkdirSync(cache, { recursive: true });
const programs = mkdtempSync(join(cache, 'programs-'));
chmodSync(programs, 0o755); // another user runs them, too
const hub = await startSmallHub();
const results = new Map<WriterName, Result>();

try {
  const [checkWriter, child] = await Promise.all([bundle('check-writer'), bundle('child')]);
  const queue = names.values();
  const work = async () => {
    for (const name of queue) {
      const args = [name, child, hub.endpoint, options.seed, options.moments];
      const said = await startChild(checkWriter, args).ended;
      const result = (lastLine(said) as Result | undefined) ?? {
        moments: {},
        faults: [`${name} ended: ${said.slice(-2000)}`],
      };
      results.set(name, result);
      const counts = Object.entries(result.moments).map(([kind, count]) => `${count} ${kind}`);
      console.log(`${result.faults.length === 0 ? '✓' : '✗'} ${name}: ${counts.join(', ')}`);
      for (const fault of result.faults) console.log(`  ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
} finally {
  rmSync(programs, { recursive: true, force: true });
  hub.close();
}

const faults = [...results.values()].flatMap((result) => result.faults);
if (!hasSmallDisks()) console.log('This machine lets nobody mount a small disk (unshare -rm): none was filled up.');
const moments = [...results.values()].reduce(
  (sum, result) => sum + Object.values(result.moments).reduce((a, b) => a + b, 0),
  0,
);
console.log(`${moments} accidents, ${faults.length} faults, seed ${options.seed}`);
const byWriter = Object.fromEntries(
  [...results].map(([name, result]) => [name, { ...result.moments, faults: result.faults.length }]),
);
console.log(JSON.stringify({ moments, faults: faults.length, seed: Number(options.seed), writers: byWriter }));
process.exitCode = faults.length > 0 ? 1 : 0;

/** One JavaScript file: what compiles TypeScript at run time would make each of the many processes start slowly. */
async function bundle(name: string): Promise<string> {
  const outfile = join(programs, `${name}.mjs`);
  await build({
    entryPoints: [fileURLToPath(new URL(`./${name}.ts`, import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@polymodal/source'],
    external: ['@tensorflow/*', 'onnxruntime-node'],
    // packages of CommonJS among them ask for parts of Node
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    logLevel: 'error',
  });
  return outfile;
}
