// A table of emoji, from nothing to answers, by the commands that anybody would type: npm run manifest. What is there already stays, and the
// same command goes on where it was interrupted.
import { spawn } from 'node:child_process';
import { copyFile, mkdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readEmoji } from './emoji';
import { writeTable } from './write-table';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const config = fileURLToPath(new URL('../polymodal.yaml', import.meta.url));
const folder = join(root, 'runs', 'manifest');

/** What is typed, and the file that comes of it; without one it is run each time. */
const commands: readonly (readonly [line: string, makes?: string])[] = [
  ['init emoji.csv --target group --out proposed.yaml', 'proposed.yaml'],
  ['inspect --page inspection.html', 'inspection.html'],
  ['train --dry-run', 'runs/emoji'],
  ['train', 'runs/emoji/summary.json'],
  ['evaluate runs/emoji --subsets'],
  ['predict runs/emoji --value name=badger'],
  ['predict runs/emoji pictures/1f98a.png'],
  ['predict runs/emoji emoji.csv --out answers.csv', 'answers.csv'],
  ['export runs/emoji --out emoji.onnx', 'emoji.onnx'],
];

await mkdir(folder, { recursive: true });
if (!(await isThere('emoji.csv'))) {
  console.log('Drawing emoji and writing their table …');
  await writeTable(folder, readEmoji());
}
if (!(await isThere('polymodal.yaml'))) await copyFile(config, join(folder, 'polymodal.yaml'));
for (const [line, makes] of commands) {
  console.log(`\n$ polymodal ${line}`);
  if (makes !== undefined && (await isThere(makes))) {
    console.log(`Done before: ${makes} is there.`);
    continue;
  }
  const code = await polymodal(line.split(' '));
  if (code !== 0) process.exit(code);
}
const shown = (file: string) => relative(process.cwd(), join(folder, file));
console.log(`
Pages:   ${shown('inspection.html')}, what is in the table; ${shown('runs/emoji/report.html')}, how the model learned and what it can do
Answers: ${shown('answers.csv')}
Python:  python apps/examples/manifest/predict_onnx.py ${shown('')} reads ${shown('emoji.onnx')}`);

async function isThere(file: string): Promise<boolean> {
  return (await stat(join(folder, file)).catch(() => undefined)) !== undefined;
}

/** The command of this clone, in the folder of the table. Ctrl-C reaches it too. */
function polymodal(words: readonly string[]): Promise<number> {
  const command = spawn(process.execPath, ['tools/run.mjs', 'tools/command/src/main.ts', ...words], {
    cwd: root,
    env: { ...process.env, INIT_CWD: folder },
    stdio: 'inherit',
  });
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  return new Promise((resolve, reject) => {
    command.on('error', reject);
    command.on('exit', (code) => {
      process.off('SIGINT', ignore);
      resolve(code ?? 1);
    });
  });
}
