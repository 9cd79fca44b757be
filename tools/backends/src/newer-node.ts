import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { install } from './install-packages';
import { scratchFolders } from './scratch-folders';

const version = '26.10.0';

/** A Node of version 23 or newer, which lacks functions of `util` that tfjs-node calls; from npm where ours is older. */
export function newerNode(): string {
  if (Number(process.versions.node.split('.', 1)[0]) >= 23) return process.execPath;
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  install(scratchFolders.newerNode, { [name]: version });
  const folder = join(scratchFolders.newerNode, 'node_modules', name, 'bin');
  return [join(folder, 'node.exe'), join(folder, 'node')].find(existsSync)!;
}
