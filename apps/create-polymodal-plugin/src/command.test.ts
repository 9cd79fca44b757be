import { describe, expect, it } from 'vitest';
import { createCommand, type Said } from './command';

/** What the command line says, or the message of its refusal. */
async function read(...args: string[]): Promise<Said | string> {
  let result: Said | string = '';
  const command = createCommand('1.2.3', async (said) => {
    result = said;
  });
  const write = (text: string) => {
    result += text;
  };
  command.exitOverride().configureOutput({ writeOut: write, writeErr: write });
  await command.parseAsync(args, { from: 'user' }).catch(() => {});
  return result;
}

describe('the command line', () => {
  it('says nothing that was not said', async () => {
    expect(await read()).toEqual({});
    expect(await read('@acme/a', '--kind', 'head', '--license=MIT', '--author', 'Acme', '--directory', 'b')).toEqual({
      name: '@acme/a',
      kind: 'head',
      license: 'MIT',
      author: 'Acme',
      directory: 'b',
    });
  });

  it('names what it does not know, and what there is', async () => {
    expect(await read('a', '--kind', 'decoder')).toContain(
      "argument 'decoder' is invalid. Allowed choices are modality, encoder, head, fusion.",
    );
    expect(await read('a', '--license', 'GPL')).toContain('Allowed choices are Apache-2.0, MIT, UNLICENSED.');
    expect(await read('a', '--kin', 'head')).toContain("unknown option '--kin'\n(Did you mean --kind?)");
    expect(await read('a', 'b')).toContain('too many arguments');
  });

  it('explains itself', async () => {
    const help = await read('--help');
    for (const word of ['[name]', '--kind', '--license', '--directory', 'Kinds:', 'Example:']) {
      expect(help).toContain(word);
    }
    expect(await read('--version')).toBe('1.2.3\n');
  });
});
