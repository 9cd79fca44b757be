import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CreateError } from './create-error';
import { type CreateOptions, createPlugin } from './create-plugin';
import { licenses } from './license';
import { pluginKinds } from './plugin-kind';

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const workspace = JSON.parse(readFileSync(fromHere('../package.json'), 'utf8'));

/** As `pnpm pack` writes it: with versions. */
const manifest = {
  ...workspace,
  devDependencies: Object.fromEntries(
    Object.entries<string>(workspace.devDependencies).map(([name, range]) => [
      name,
      range.replace('workspace:^', '^3.2.1').replace('catalog:', name === 'zod' ? '^4.6.7' : '4.22.0'),
    ]),
  ),
};
const source = { folder: fromHere('../templates'), manifest };
const never = new AbortController().signal;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'create-polymodal-plugin-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const create = (options: Partial<CreateOptions> = {}, signal = never) =>
  createPlugin(
    { name: '@acme/polymodal-heart-rate', kind: 'modality', license: 'MIT', directory: join(home, 'made'), ...options },
    source,
    signal,
  );

/** Everything in a folder, by its path. */
const filesIn = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(folder, path), readFileSync(path, 'utf8')]),
  );

describe('createPlugin', () => {
  it.each(pluginKinds)('writes a package of the kind %s, all of it in its own name', async (kind) => {
    const files = filesIn(await create({ kind }));
    for (const name of ['.gitignore', 'LICENSE', 'README.md', 'package.json', 'tsconfig.json', 'src/index.ts']) {
      expect(Object.keys(files)).toContain(name);
    }
    const own = Object.keys(files).filter((path) => path.startsWith('src/heart-rate-'));
    expect(own.length).toBeGreaterThanOrEqual(3); // the part, its plugin, and a test
    for (const [path, content] of Object.entries(files)) expect(path + content).not.toMatch(/own-?part|\{\{/i);
    expect(files['src/heart-rate-plugin.ts']).toContain("name: '@acme/polymodal-heart-rate'");
    expect(files['README.md']).toContain("import { heartRatePlugin } from '@acme/polymodal-heart-rate';");
  });

  it.each(pluginKinds)('leaves nothing of the package.json of the kind %s open', async (kind) => {
    const written = JSON.parse(filesIn(await create({ kind, author: 'Acme & Söhne' }))['package.json']!);
    expect(written).toMatchObject({
      name: '@acme/polymodal-heart-rate',
      license: 'MIT',
      author: 'Acme & Söhne',
      polymodal: { plugin: './dist/index.js' },
      peerDependencies: { '@polymodal/core': '^3.2.1', '@tensorflow/tfjs-core': '^4.22.0' },
    });
    const { dependencies, peerDependencies, devDependencies } = written;
    for (const range of Object.values({ ...dependencies, ...peerDependencies, ...devDependencies })) {
      expect(range).toMatch(/^\^\d+\.\d+\.\d+$/);
    }
  });

  it.each(licenses)('has the text of %s', async (license) => {
    const { LICENSE } = filesIn(await create({ license, author: 'Cash $& Carry' }));
    if (license === 'Apache-2.0') expect(LICENSE).toBe(readFileSync(fromHere('../../../LICENSE'), 'utf8'));
    else expect(LICENSE).toContain(`Copyright (c) ${new Date().getFullYear()} Cash $& Carry`);
  });

  it('fills a name in once, whatever is in it', async () => {
    const files = filesIn(await create({ name: '@acme/my-own-part' }));
    expect(JSON.parse(files['package.json']!).name).toBe('@acme/my-own-part');
    expect(Object.keys(files)).toContain('src/my-own-part-encoder.ts');
  });

  it('fills an empty folder, in which somebody may be', async () => {
    const directory = join(home, 'made');
    mkdirSync(directory);
    const before = readdirSync(home);
    await create();
    expect(readdirSync(home)).toEqual(before);
    expect(readdirSync(directory).sort()).toEqual(
      ['.gitignore', 'LICENSE', 'README.md', 'package.json', 'src', 'tsconfig.json'].sort(),
    );
  });

  it('refuses a folder with something in it, by name, and leaves it as it was', async () => {
    const directory = join(home, 'made');
    mkdirSync(directory);
    for (const name of ['a', 'b', 'c', 'd', 'e']) writeFileSync(join(directory, name), name);
    const before = filesIn(home);
    await expect(create()).rejects.toThrow(CreateError);
    await expect(create()).rejects.toThrow(`received ${directory}, which has a, b, c and 2 more in it. Nothing was`);
    expect(filesIn(home)).toEqual(before);
  });

  it('refuses a file, and a link to a folder with something in it', async () => {
    writeFileSync(join(home, 'file'), 'kept');
    await expect(create({ directory: join(home, 'file') })).rejects.toThrow('which is a file');
    symlinkSync(home, join(home, 'link'), 'junction');
    await expect(create({ directory: join(home, 'link') })).rejects.toThrow('which has file, link in it');
    expect(readdirSync(home).sort()).toEqual(['file', 'link']);
  });

  it('says what the file system refuses', async () => {
    writeFileSync(join(home, 'file'), 'kept');
    await expect(create({ directory: join(home, 'file', 'below') })).rejects.toThrow(CreateError);
    expect(readdirSync(home)).toEqual(['file']);
  });

  it('leaves nothing where it is interrupted', async () => {
    const interruption = new AbortController();
    const creating = create({ directory: join(home, 'a/b/c') }, interruption.signal);
    expect(readdirSync(home)).toHaveLength(1); // what is written aside
    interruption.abort();
    await expect(creating).rejects.toThrow('abort');
    expect(readdirSync(home)).toEqual([]);
  });

  it('knows no versions before it is packed', async () => {
    const unpacked = { ...source, manifest: workspace };
    const options = { name: 'a', kind: 'head', license: 'MIT', directory: join(home, 'a') } as const;
    await expect(createPlugin(options, unpacked, never)).rejects.toThrow(
      /expected a version of .*, received workspace:\^/i,
    );
    expect(readdirSync(home)).toEqual([]);
  });
});
