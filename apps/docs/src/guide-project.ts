import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Guide } from './read-guide';

/** Where the guides' projects are written: inside this package, so that they find what it depends on. */
const projects = fileURLToPath(new URL('../.cache/guides', import.meta.url));

/** The cache of the hub that they find: see `writeTinyHub`. */
export const hubCache = fileURLToPath(new URL('../.cache/hub', import.meta.url));

/** What a command printed, and how it ended. */
export interface Outcome {
  readonly succeeded: boolean;
  readonly printed: string;
}

/** A reader's project, with the files of a guide in it. */
export class GuideProject {
  readonly directory: string;

  constructor(name: string, guide: Guide) {
    this.directory = join(projects, name);
    rmSync(this.directory, { recursive: true, force: true });
    for (const [file, code] of Object.entries({ ...guide.files, ...settings })) {
      const path = join(this.directory, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, code);
    }
  }

  /** Runs `main.ts`. */
  run(): Outcome {
    return this.#node(['--conditions=@polymodal/source', '--import', 'tsx', 'main.ts']);
  }

  /** Runs the tests that the guide writes. */
  test(): Outcome {
    return this.#node([fromRoot('vitest/vitest.mjs'), 'run', '--root', this.directory]);
  }

  #node(args: readonly string[]): Outcome {
    return runNode(args, this.directory);
  }
}

/** What a compiler said, and which one it was. */
export interface Checked extends Outcome {
  readonly version: string;
}

/**
 * Checks the types of all projects at once, which share what they import, with the settings that the compiler's `--init` writes.
 * They find the packages as they were built.
 *
 * @param compiler the name under which it is installed
 */
export function checkTypes(compiler: string): Checked {
  const root = dirname(fileURLToPath(import.meta.resolve(`${compiler}/package.json`)));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const tsc = join(root, 'bin/tsc');
  rmSync(join(projects, 'tsconfig.json'), { force: true });
  const written = runNode([tsc, '--init'], projects);
  return { version, ...(written.succeeded ? runNode([tsc, '--noEmit', '--pretty', 'false'], projects) : written) };
}

function runNode(args: readonly string[], directory: string): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: directory,
    encoding: 'utf8',
    env: {
      ...process.env,
      ...{ HF_HUB_CACHE: hubCache, HF_HUB_OFFLINE: '1' },
      ...{ VITEST: undefined, NODE_OPTIONS: '' }, // a test of a test is a run of its own
    },
  });
  return { succeeded: status === 0, printed: `${stdout}${stderr}` };
}

/** What a project needs to be run from the sources of the packages. */
const settings = {
  'package.json': '{ "type": "module", "private": true }',
  'vitest.config.ts': `
    import { defineConfig } from 'vitest/config';

    const conditions = ['@polymodal/source', 'node', 'import', 'module', 'default'];
    export default defineConfig({ resolve: { conditions }, ssr: { resolve: { conditions } } });
  `,
};

/** A program of a development dependency of the workspace. */
function fromRoot(path: string): string {
  return fileURLToPath(new URL(`../../../node_modules/${path}`, import.meta.url));
}
