import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fallbackKernelNames, fusedKernelNames, nativeKernelNames } from './register-onnx-backend';

const file = new URL('../README.md', import.meta.url);

/** The README with its lists of kernels as they are; written back with UPDATE_README=1. */
function withLists(readme: string): string {
  const lists = { native: nativeKernelNames(), fallback: fallbackKernelNames(), fused: fusedKernelNames() };
  return Object.entries(lists).reduce(
    (text, [name, kernels]) =>
      text.replace(
        new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`),
        `$1${kernels.map((kernel) => `\`${kernel}\``).join(' ')}\n$2`,
      ),
    readme,
  );
}

describe('the README', () => {
  it('lists the kernels that run natively, those that fall back, and those of its own', () => {
    const readme = readFileSync(file, 'utf8');
    if (process.env.UPDATE_README) writeFileSync(file, withLists(readme));
    expect(readFileSync(file, 'utf8')).toBe(withLists(readme));
  });
});
