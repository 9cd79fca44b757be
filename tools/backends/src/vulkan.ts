import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Variables under which Dawn finds no driver at all, whatever is installed. */
export const noVulkan = { VK_DRIVER_FILES: '/nonexistent.json', VK_ICD_FILENAMES: '/nonexistent.json' };

/** Variables under which Dawn finds a Vulkan driver that computes on the CPU, or null where none is installed. */
export function softwareVulkan(): Readonly<Record<string, string>> | null {
  const driver = drivers().find(existsSync);
  if (driver === undefined) return null;
  const variables = { VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver };
  const loader = loaderFolder();
  if (loader === null) return null;
  return loader === '' ? variables : { ...variables, LD_LIBRARY_PATH: loader };
}

/** SwiftShader as Debian's chromium brings it, and Mesa's lavapipe. */
function drivers(): string[] {
  const mesa = '/usr/share/vulkan/icd.d';
  const lavapipe = existsSync(mesa) ? readdirSync(mesa).filter((name) => name.startsWith('lvp_icd')) : [];
  return ['/usr/lib/chromium/vk_swiftshader_icd.json', ...lavapipe.map((name) => join(mesa, name))];
}

/** Where libvulkan.so.1 lies: '' where the system finds it by itself, null where it is missing. */
function loaderFolder(): string | null {
  const known = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).stdout ?? '';
  if (known.includes('libvulkan.so.1')) return '';
  return existsSync('/usr/lib/chromium/libvulkan.so.1') ? '/usr/lib/chromium' : null;
}
