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

  constructor(
    readonly name: string,
    guide: Guide,
  ) {
    this.directory = join(projects, name);
    rmSync(this.directory, { recursive: true, force: true });
    for (const [file, code] of Object.entries({ ...guide.files, 'package.json': '{ "type": "module" }' })) {
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
    writeFileSync(join(this.directory, 'vitest.config.ts'), vitestConfig);
    return this.#node([fromRoot('vitest/vitest.mjs'), 'run', '--root', this.directory]);
  }

  /**
   * Checks the types with the settings that the compiler's `--init` writes, against the declarations of the packages as they were
   * built. Each project by itself: what one imports, Node's types say, would be known to all.
   */
  checkTypes({ path }: Compiler): Outcome {
    rmSync(join(this.directory, 'tsconfig.json'), { force: true });
    const written = this.#node([path, '--init']);
    return written.succeeded ? this.#node([path, '--noEmit', '--pretty', 'false']) : written;
  }

  #node(args: readonly string[]): Outcome {
    return runNode(args, this.directory);
  }
}

/** A TypeScript compiler, by the name under which it is installed. */
export class Compiler {
  readonly version: string;
  readonly path: string;

  constructor(name: string) {
    const root = dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)));
    this.version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
    this.path = join(root, 'bin/tsc');
  }
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

/** What the tests need to be run from the sources of the packages. */
const vitestConfig = `
  import { defineConfig } from 'vitest/config';

  const conditions = ['@polymodal/source', 'node', 'import', 'module', 'default'];
  export default defineConfig({ resolve: { conditions }, ssr: { resolve: { conditions } } });
`;

/** A program of a development dependency of the workspace. */
function fromRoot(path: string): string {
  return fileURLToPath(new URL(`../../../node_modules/${path}`, import.meta.url));
}
