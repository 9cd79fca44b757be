// Checks `npm create polymodal-plugin` as users get it: from its tarball, a package of each kind in an empty folder, which passes its
// tests, its types and its build against tarballs of our packages, untouched; then all of them, packed, in a further folder, where they
// are discovered, make one model together, and the examples in their READMEs run.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { packPackages, run } from './pack-packages.mjs';

const parts = { modality: 'tremor', encoder: 'word-windows', head: 'amount', fusion: 'maximum' };
const kinds = Object.keys(parts);
const needed = ['core', 'nn', 'generation', 'testing', 'encoder-text', 'fusion', 'heads'];
const installing = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
const scratch = mkdtempSync(join(tmpdir(), 'polymodal-template-'));

try {
  const folders = [...needed.map((name) => `packages/${name}`), 'apps/create-polymodal-plugin'];
  const { 'create-polymodal-plugin': creator, ...tarballs } = packPackages(folders, scratch);
  const ours = Object.values(tarballs);
  const plugins = kinds.map((kind) => createAndCheck(kind, creator, ours));
  checkTogether(plugins, ours);
  console.log(`All ${kinds.length} templates make packages that pass their tests untouched and work together.`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** @returns the tarball of the package that was made */
function createAndCheck(kind, creator, ours) {
  const home = mkdtempSync(join(scratch, `${kind}-`));
  const name = nameOf(kind);
  const command = ['create-polymodal-plugin', `@probe/${name}`, '--kind', kind];
  run('npm', ['exec', '--yes', '--prefer-offline', `--package=${creator}`, '--', ...command], home);
  const project = join(home, name);
  const made = fingerprints(project);
  run('npm', [...installing, '--no-save', '--no-package-lock', ...ours], project);
  const printed = run('npm', ['test'], project);
  const [, passed] = /Tests +(\d+) passed/.exec(stripVTControlCharacters(printed)) ?? [];
  if (!passed) throw new Error(`No test has passed in the package of the kind ${kind}:\n${printed}`);
  run('npm', ['run', 'types'], project);
  run('npm', ['run', 'build'], project);
  const changed = Object.entries(fingerprints(project)).filter(([path, hash]) => made[path] !== hash);
  if (changed.length > 0) throw new Error(`Tests and build have changed ${changed.map(([path]) => path).join(', ')}`);
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', home], project);
  console.log(`✓ ${kind}: ${Object.keys(made).length} files, ${passed} tests, types, build`);
  return join(
    home,
    readdirSync(home).find((file) => file.endsWith('.tgz')),
  );
}

function checkTogether(plugins, ours) {
  const project = mkdtempSync(join(scratch, 'project-'));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'together', type: 'module', private: true }));
  run('npm', [...installing, ...ours, ...plugins], project);
  writeFileSync(
    join(project, 'main.mjs'),
    `import { composeModel, createRegistry } from '@polymodal/core';
     import { discoverPlugins } from '@polymodal/core/node';
     const model = composeModel(createRegistry(await discoverPlugins(process.cwd())), {
       hiddenSize: 16,
       encoders: { measured: { use: '${parts.modality}' }, note: { use: '${parts.encoder}' } },
       fusion: { use: '${parts.fusion}' },
       heads: { amount: { use: '${parts.head}' } },
     });
     const answers = await model.predict([{ measured: [[1, 2, 3]] }, { note: 'two' }, { measured: [[1, 2, 3]], note: 'two' }]);
     if (!answers.every(({ amount }) => Number.isFinite(amount))) throw new Error(JSON.stringify(answers));`,
  );
  run(process.execPath, ['main.mjs'], project);
  console.log('✓ installed together, they are discovered and make one model');
  for (const kind of kinds) {
    const readme = readFileSync(join(project, 'node_modules/@probe', nameOf(kind), 'README.md'), 'utf8');
    writeFileSync(join(project, `${kind}.mjs`), /```ts\n(.*?)```/s.exec(readme)[1]);
    run(process.execPath, [`${kind}.mjs`], project);
  }
  console.log('✓ the examples of their READMEs run');
}

function nameOf(kind) {
  return `polymodal-${parts[kind]}`;
}

/** Of every file of a package, apart from what is installed and built, by its path. */
function fingerprints(project) {
  const files = readdirSync(project, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(project, path), createHash('sha256').update(readFileSync(path)).digest('hex')]);
  return Object.fromEntries(files.filter(([path]) => !/^(node_modules|dist)\b/.test(path)));
}
