import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const home = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
let project: string;

/** Installs the package in an empty project as npm would: its manifest, what the build makes, and what it depends on. */
beforeAll(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'polymodal-own-modality-')));
  const installed = join(project, 'node_modules', manifest.name);
  mkdirSync(installed, { recursive: true });
  copyFileSync(join(home, 'package.json'), join(installed, 'package.json'));
  run('npm', ['run', '--silent', 'build', '--', '--no-dts', '--silent', '--out-dir', join(installed, 'dist')]);
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    const link = join(project, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(realpathSync(join(home, 'node_modules', name)), link, 'junction');
  }
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

it('is found by its package.json once it is installed, and its encoder works in a model', () => {
  const program = `
    import { composeModel, createRegistry } from '@polymodal/core';
    import { discoverPlugins } from '@polymodal/core/node';
    import { fusion } from '@polymodal/fusion';
    import { heads } from '@polymodal/heads';

    const plugins = await discoverPlugins(${JSON.stringify(project)});
    const model = composeModel(createRegistry([...plugins, fusion, heads]), {
      hiddenSize: 8,
      encoders: { motion: { use: 'imu-conv', channels: 3, numAttentionHeads: 2 } },
      fusion: { use: 'mean' },
      heads: { gesture: { use: 'classification', labels: ['up', 'down'] } },
    });
    const [{ gesture }] = await model.predict([{ motion: { readings: [[0, 0, 9.81], [0, 0.1, 9.7]], rate: 50 } }]);
    console.log(JSON.stringify({ names: plugins.map(({ name }) => name), gesture }));
  `;
  const flags = ['--conditions=@polymodal/source', '--import', 'tsx', '--input-type=module', '--eval'];
  const printed = run(process.execPath, [...flags, program])
    .trim()
    .split('\n');
  const { names, gesture } = JSON.parse(printed.at(-1)!);
  expect(names).toEqual(['@polymodal/example-own-modality']);
  expect(['up', 'down']).toContain(gesture.label);
  expect(gesture.probabilities[0] + gesture.probabilities[1]).toBeCloseTo(1, 5);
});

function run(command: string, args: readonly string[]): string {
  const shell = process.platform === 'win32' && command === 'npm';
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: home, encoding: 'utf8', shell });
  expect(status, `${command} ${args[0]} failed:\n${stdout}${stderr}`).toBe(0);
  return stdout;
}
