import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../testing/command-line';

const polymodal = commandLine(tmpdir());
const hasShell = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;

/** What a shell proposes for the last of the words. */
const asked = {
  bash: (script: string, words: readonly string[]) =>
    `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _polymodal; printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: (script: string, words: readonly string[]) =>
    // Stand-ins for the functions of its completion system, which works on a terminal alone.
    `compdef() {}; compadd() { shift; print -l -- $@ }; _files() { print files }; _describe() { print -l -- \${(@)\${(P@)argv[-1]}%%:*} }
${script}\nwords=(${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length}; _polymodal`,
  fish: (script: string, words: readonly string[]) => `${script}\ncomplete -C '${words.join(' ')}'`,
} as const;

describe.each(['bash', 'zsh', 'fish'] as const)('completion in %s', (shell) => {
  it.skipIf(!hasShell(shell))('knows commands, the options of each, and what these may be', async () => {
    const { code, output: script } = await polymodal('completion', shell);
    expect(code).toBe(0);
    const proposed = (...words: string[]) => {
      const { stdout, stderr } = spawnSync(shell, ['-c', asked[shell](script, ['polymodal', ...words])], {
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      return stdout.split('\n').map((line) => line.split('\t')[0].trim());
    };
    expect(proposed('')).toEqual(expect.arrayContaining(['init', 'train', 'hub', 'completion']));
    expect(proposed('hub', '')).toContain('download');
    expect(proposed('train', '--')).toEqual(expect.arrayContaining(['--set', '--dry-run', '--json', '--help']));
    expect(proposed('train', '--')).not.toContain('--subsets');
    expect(proposed('hub', 'download', '--')).toContain('--offline');
    expect(proposed('evaluate', 'runs/train', '--part', '')).toEqual(
      expect.arrayContaining(['train', 'validation', 'test']),
    );
    expect(proposed('completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
  });
});
