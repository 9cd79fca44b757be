// Seeds faults into the sources, one by one, and runs the tests of the rooms concerned:
//
//   npm run mutate -- [a part of a fault's name or file …]
//
// The tests run first without a fault, and must pass. The last line is JSON: how many faults were noticed, and which were not.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mutant } from './mutant';
import { mutants } from './mutants';
import { runTests } from './run-tests';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const wanted = process.argv.slice(2);
const chosen = mutants.filter(
  ({ name, file }) => wanted.length === 0 || wanted.some((part) => name.includes(part) || file.includes(part)),
);
const folder = mkdtempSync(join(tmpdir(), 'polymodal-mutate-'));
try {
  process.exitCode = (await main()) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main(): Promise<boolean> {
  if (chosen.length === 0) throw new Error(`No fault's name or file has ${wanted.join(' or ')} in it.`);
  for (const mutant of chosen) checkPlace(mutant);

  const sound = await runTests([...new Set(chosen.flatMap(({ tests }) => tests))], folder);
  if (sound.failed > 0 || sound.passed === 0) {
    console.error(`Without a fault: ${sound.firstFailure ?? sound.output}`);
    return false;
  }
  console.log(`Without a fault ${sound.passed} tests pass. ${chosen.length} faults follow.`);

  const missed: string[] = [];
  for (const [index, mutant] of chosen.entries()) {
    const verdict = await tryMutant(mutant);
    if (verdict === undefined) missed.push(mutant.name);
    console.log(`${index + 1}/${chosen.length} ${mutant.name}: ${verdict ?? 'NOT NOTICED'}`);
  }
  console.log(JSON.stringify({ caught: chosen.length - missed.length, missed }));
  return missed.length === 0;
}

/** @throws Error if the fault can no longer be seeded, since the source has changed */
function checkPlace({ name, file, find }: Mutant): void {
  const places = readFileSync(join(root, file), 'utf8').split(find).length - 1;
  if (places !== 1) throw new Error(`${file} has ${places} places for "${name}", not one: ${find}`);
}

/** The test that noticed the fault; undefined if none did. */
async function tryMutant({ file, find, replace, tests }: Mutant): Promise<string | undefined> {
  const result = await runTests(tests, folder, { file: join(root, file), find, replace });
  if (!result.seeded) throw new Error(`No test of ${tests.join(', ')} loads ${file}.`);
  if (result.failed === 0 && result.passed === 0) throw new Error(`The tests gave no result: ${result.output}`);
  return result.failed > 0 ? (result.firstFailure ?? 'a test file that does not load') : undefined;
}
