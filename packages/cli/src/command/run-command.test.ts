import { tmpdir } from 'node:os';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../testing/command-line';
import { painted } from './painted';
import { printable } from './printable';
import { textTable } from './text-table';

const polymodal = commandLine(tmpdir());
const commands = ['init', 'inspect', 'train', 'resume', 'evaluate', 'predict', 'export', 'info', 'schema', 'doctor'];

describe('the command', () => {
  it('explains itself, with an example for each command', async () => {
    const { code, output } = await polymodal('--help');
    expect(code).toBe(0);
    for (const name of commands) {
      expect(output).toContain(`  ${name} `);
      const help = await polymodal(name, '--help');
      expect(help.code).toBe(0);
      expect(help.output).toContain(`Example:\n  polymodal ${name}`);
      expect(help.output).toContain('--json');
    }
  });

  it('answers for a command that consists of others', async () => {
    expect((await polymodal('hub', 'download', '--help')).output).toContain('Example:\n  polymodal hub download');
    const { code, messages } = await polymodal('hub', 'download', 'nobody/nothing-of-the-kind', '--offline');
    expect(code).toBe(1);
    expect(messages).toContain('nobody/nothing-of-the-kind');
  });

  it('tells programs of an error in one document', async () => {
    const { code, output } = await polymodal('predict', 'nowhere', 'a.csv', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(output).error).toMatchObject({
      code: 'CONFIG',
      where: 'nowhere',
      received: 'nothing of that name',
    });
  });

  it.each([
    ['', 'a command'],
    ['hub', 'a command'],
    ['trian', "unknown command 'trian'"],
    ['train --epochs 3', "unknown option '--epochs'"],
    ['predict', "missing required argument 'model'"],
    ['train --backend gpu', 'node-gpu'],
  ])('tells programs of a command line that cannot be meant: %s', async (line, said) => {
    const { code, output } = await polymodal(...line.split(' ').filter(Boolean), '--json');
    expect(code).toBe(2);
    expect(JSON.parse(output).error).toEqual({
      code: 'USAGE',
      message: expect.stringMatching(new RegExp(`^(?!error).*${said}`)),
    });
  });

  it('shows the stack of an error to those who ask', async () => {
    expect((await polymodal('info', 'nowhere')).messages.trim().split('\n')).toHaveLength(1);
    expect((await polymodal('info', 'nowhere', '--verbose')).messages).toMatch(/\n\s+at /);
  });

  it('ends with 130 where it is interrupted, and says so', async () => {
    const stopped = AbortSignal.abort(new DOMException('Ctrl-C', 'AbortError'));
    const plugins = async () => stopped.throwIfAborted() as never;
    expect(await commandLine(tmpdir(), { plugins })('schema')).toEqual({
      code: 130,
      output: '',
      messages: 'It was interrupted before it came to anything.\n',
    });
    const { code, output } = await commandLine(tmpdir(), { plugins })('schema', '--json');
    expect([code, JSON.parse(output).error.code]).toEqual([130, 'INTERRUPTED']);
  });

  it('asks for a report of what nobody threw on purpose', async () => {
    const plugins = async () => Promise.reject(new TypeError('x is undefined'));
    const { code, messages } = await commandLine(tmpdir(), { plugins })('schema');
    expect(code).toBe(1);
    expect(messages).toContain('x is undefined');
    expect(messages).toContain('--verbose');
  });

  it('says what there is to compute with', async () => {
    const { machine, backends, parts } = JSON.parse((await polymodal('doctor', '--json')).output);
    expect(machine.node).toBe(process.versions.node);
    expect(backends.find(({ name }: { name: string }) => name === 'cpu')).toMatchObject({ works: true });
    expect(parts.encoders).toContain('ft-transformer');
  });

  it('has a schema for editors, with the parts that are installed', async () => {
    const { properties } = JSON.parse((await polymodal('schema')).output);
    const { encoders, heads } = properties.model.properties;
    const names = encoders.additionalProperties.anyOf.map(({ title }: { title: string }) => title);
    expect(names).toEqual(expect.arrayContaining(['transformer', 'ft-transformer']));
    const [regression] = heads.additionalProperties.anyOf.filter(
      ({ title }: { title: string }) => title === 'regression',
    );
    expect(regression.properties.loss.enum).toEqual(['mse', 'mae', 'huber']);
    expect(properties.training.properties.epochs).toMatchObject({ type: 'integer' });
  });
});

describe('output', () => {
  it('has colours on terminals alone, and none where none are wanted', () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    expect(painted(terminal, {})('red', 'no')).toBe('\u001b[31mno\u001b[39m');
    expect(painted(terminal, { NO_COLOR: '1' })('red', 'no')).toBe('no');
    expect(painted(new PassThrough(), {})('red', 'no')).toBe('no');
  });

  it('obeys no control characters of what it is given', async () => {
    expect(printable('a\u001b[2Jb\u0007\r\u009bc\n\td é')).toBe('a\\u001b[2Jb\\u0007\\u000d\\u009bc\n\td é');
    for (const line of ['info \u001b[2J', '\u001b[2J']) {
      const { messages } = await polymodal(...line.split(' '));
      expect(messages).toContain('\\u001b[2J');
      expect(messages).not.toContain('\u001b');
    }
  });

  it('puts texts to the left and numbers to the right', () => {
    expect(
      textTable([
        ['part', 'size'],
        ['a', 5],
        ['long', 1234],
      ]),
    ).toBe('part   size\na         5\nlong  1,234');
  });
});
