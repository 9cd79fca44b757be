import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../errors';
import { createRegistry } from '../registry';
import { discoverPlugins } from './discover-plugins';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'polymodal-plugins-'));
});

afterEach(() => rm(root, { recursive: true }));

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

/** An installed package with a plugin that bears a name. */
async function install(folder: string, name: string, label = name): Promise<void> {
  const manifest = { name, type: 'module', polymodal: { plugin: './dist/plugin.js' } };
  await write(`${folder}/node_modules/${name}/package.json`, JSON.stringify(manifest));
  const plugin = { name: label, specificationVersion: 'v1' };
  await write(`${folder}/node_modules/${name}/dist/plugin.js`, `export default ${JSON.stringify(plugin)};`);
}

const names = async (folder = '.') => (await discoverPlugins(join(root, folder))).map(({ name }) => name);

describe('discoverPlugins', () => {
  it('finds plugins of scoped and other packages, in the order of their names, and no other package', async () => {
    await install('.', 'polymodal-lidar');
    await install('.', '@acme/polymodal-imu');
    await write('node_modules/lodash/package.json', '{"name": "lodash"}');
    await write('node_modules/about/package.json', '{"name": "about", "keywords": ["polymodal"]}');
    await write('node_modules/other/package.json', '{"name": "other", "polymodal": {"other": true}}');
    await write('node_modules/broken/package.json', '{"polymodal" ');
    await write('node_modules/.bin/tool', '');
    await mkdir(join(root, 'node_modules', '@empty'));
    expect(await names()).toEqual(['@acme/polymodal-imu', 'polymodal-lidar']);
    expect(createRegistry(await discoverPlugins(root)).plugins).toHaveLength(2);
  });

  it('looks in the folders above too, where the nearest installation of a package wins', async () => {
    await install('.', 'polymodal-lidar', 'far');
    await install('.', 'polymodal-radar', 'above');
    await install('app', 'polymodal-lidar', 'near');
    expect(await names('app/src')).toEqual(['near', 'above']);
    const [{ module }] = await discoverPlugins(join(root, 'app'));
    expect(fileURLToPath(module!)).toBe(join(root, 'app/node_modules/polymodal-lidar/dist/plugin.js'));
  });

  it('follows links, as package managers make them', async () => {
    await install('store', 'polymodal-lidar');
    await mkdir(join(root, 'node_modules'));
    await symlink(join(root, 'store/node_modules/polymodal-lidar'), join(root, 'node_modules/polymodal-lidar'));
    expect(await names()).toEqual(['polymodal-lidar']);
  });

  it('finds nothing where nothing is installed', async () => {
    expect(await names()).toEqual([]);
    expect(await names('no/such/folder')).toEqual([]);
  });

  it('loads every plugin that a package lists, but one whose optional peer is not installed', async () => {
    const plugin = (name: string) => `export default ${JSON.stringify({ name, specificationVersion: 'v1' })};`;
    const installIn = async (folder: string, optional: boolean, weights?: string) => {
      const own = `${folder}/node_modules/polymodal-lidar`;
      const peerDependenciesMeta = { '@acme/weights': { optional } };
      const manifest = { type: 'module', polymodal: { plugin: ['./plain.js', './large.js'] }, peerDependenciesMeta };
      await write(`${own}/package.json`, JSON.stringify(manifest));
      await write(`${own}/plain.js`, plugin('plain'));
      await write(`${own}/large.js`, `import '@acme/weights'; ${plugin('large')}`);
      if (weights === undefined) return;
      const peer = `${folder}/node_modules/@acme/weights`;
      await write(`${peer}/package.json`, '{"name": "@acme/weights", "type": "module", "exports": "./index.js"}');
      await write(`${peer}/index.js`, weights);
    };
    await installIn('without', true);
    expect(await names('without')).toEqual(['plain']);
    await installIn('with', true, '');
    expect(await names('with')).toEqual(['plain', 'large']);
    await installIn('broken', true, "import 'polymodal-gone';");
    await expect(names('broken')).rejects.toThrow(/^polymodal-lidar: .*Cannot find package 'polymodal-gone'/);
    await installIn('needed', false);
    await expect(names('needed')).rejects.toThrow(/^polymodal-lidar: .*Cannot find package '@acme\/weights'/);
  });

  it('names the package whose plugin cannot be loaded', async () => {
    await install('.', 'polymodal-lidar');
    await rm(join(root, 'node_modules/polymodal-lidar/dist/plugin.js'));
    await expect(discoverPlugins(root)).rejects.toThrow(ConfigError);
    await expect(discoverPlugins(root)).rejects.toThrow(
      /^polymodal-lidar: expected a plugin at .*plugin\.js.* Reinstall/,
    );
  });

  it('names the package whose plugin throws what is no error, or is none', async () => {
    await install('.', 'polymodal-lidar');
    const sources = [
      'throw undefined',
      'throw null',
      'throw { get message() { throw new TypeError(); } }',
      'export default 3',
    ];
    for (const [index, source] of [
      ...sources,
      'export default { name: "x", specificationVersion: "v1", heads: 5 }',
    ].entries()) {
      const folder = join(`own${index}`, 'node_modules/polymodal-lidar');
      const manifest = { name: 'polymodal-lidar', type: 'module', polymodal: { plugin: './plugin.js' } };
      await write(join(folder, 'package.json'), JSON.stringify(manifest));
      await write(join(folder, 'plugin.js'), source);
      const found = discoverPlugins(join(root, `own${index}`));
      await expect(found).rejects.toThrow(ConfigError);
      await expect(found).rejects.toThrow(/^polymodal-lidar: expected/);
    }
  });

  it('waits for code that awaits, and names the package whose code does so without end', async () => {
    const plugin = 'export default { name: "lidar", specificationVersion: "v1" };';
    await install('late', 'polymodal-lidar');
    await write('late/node_modules/polymodal-lidar/dist/plugin.js', `await new Promise(setImmediate); ${plugin}`);
    expect(await names('late')).toEqual(['lidar']);
    await install('never', 'polymodal-lidar');
    await write('never/node_modules/polymodal-lidar/dist/plugin.js', `await new Promise(() => {}); ${plugin}`);
    const discovered = discoverPlugins(join(root, 'never'), { timeout: 20 }); // however long it took, it would not come
    await expect(discovered).rejects.toThrow(ConfigError);
    await expect(discovered).rejects.toThrow(/^polymodal-lidar: expected a plugin at .* that is loaded in 20 ms/);
    for (const timeout of [0, -1, Number.NaN, Infinity, 2 ** 31, '5'])
      await expect(discoverPlugins(root, { timeout: timeout as number })).rejects.toThrow(/^discoverPlugins\.timeout/);
  });

  it('loads nothing from outside of the package', async () => {
    await write('outside.js', 'globalThis.ranOutside = true;');
    for (const plugin of ['../../outside.js', './dist/../../../outside.js', '', '.', 5, null, ['../../outside.js']]) {
      await write('node_modules/polymodal-lidar/package.json', JSON.stringify({ polymodal: { plugin } }));
      await expect(discoverPlugins(root)).rejects.toThrow(
        /^polymodal-lidar: expected the path of a file within the package/,
      );
    }
    expect(globalThis).not.toHaveProperty('ranOutside');
  });

  it('wants the path of a folder', async () => {
    for (const wrong of [undefined, null, 3, {}])
      await expect(discoverPlugins(wrong as never)).rejects.toThrow(/^discoverPlugins: expected the path of a folder/);
  });

  it('names the package whose plugin throws, or exports none', async () => {
    await install('.', 'polymodal-lidar');
    await write('node_modules/polymodal-lidar/dist/plugin.js', 'throw new Error("no sensor");');
    await expect(discoverPlugins(root)).rejects.toThrow('received Error: no sensor while loading it');
    await install('.', 'polymodal-radar');
    await rm(join(root, 'node_modules/polymodal-lidar'), { recursive: true });
    await write('node_modules/polymodal-radar/dist/plugin.js', 'export const plugin = {};');
    await expect(discoverPlugins(root)).rejects.toThrow(/^polymodal-radar: .* received no default export/);
  });
});
