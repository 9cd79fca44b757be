// A table of emoji, from nothing to answers, by the commands that anybody would type: npm run manifest. What is there already stays, and the
// same command goes on where it was interrupted.
import { spawn } from 'node:child_process';
import { copyFile, mkdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
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
  ['evaluate runs/emoji --subsets --common'],
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
const made: readonly (readonly [what: string, ...files: string[]])[] = [
  ['the table, and the pictures beside it', 'emoji.csv', 'pictures'],
  ['the config that was learned from, and the one that init proposes', 'polymodal.yaml', 'proposed.yaml'],
  ['what is in the table, as a page', 'inspection.html'],
  ['the model, for predict, export and loadModel', 'runs/emoji/model'],
  ['how it learned and what it can do, as a page', 'runs/emoji/report.html'],
  ['what it answers to each row', 'answers.csv'],
  ['the model for other programs, and how they read values', 'emoji.onnx', 'emoji.json'],
];
console.log(`\nWhat was made, in ${relative(process.cwd(), folder)}:`);
for (const [what, ...files] of made) console.log(`  ${files.join(', ').padEnd(29)} ${what}`);
for (const page of ['inspection.html', 'runs/emoji/report.html'])
  console.log(`Open in a browser: ${pathToFileURL(join(folder, page))}`);
console.log(`In Python: python apps/examples/manifest/predict_onnx.py ${relative(process.cwd(), folder)}`);

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
