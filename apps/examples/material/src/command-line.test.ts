import { ConfigError, UnknownNameError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readCommandLine } from './command-line';

const options = { seeds: z.string().default('1'), text: z.string().optional(), fast: z.boolean().default(false) };
const read = (...args: string[]) => readCommandLine(args, options);

describe('readCommandLine', () => {
  it('reads values apart or after "=", and switches', () => {
    expect(read('--seeds', '3', '--fast', '--text=-3')).toEqual({ seeds: '3', fast: true, text: '-3' });
    expect(read()).toEqual({ seeds: '1', fast: false, text: undefined });
  });

  it('refuses an option that does not exist, with the nearest name', () => {
    expect(() => read('--sede', '3')).toThrow(UnknownNameError);
    expect(() => read('--sede', '3')).toThrow('received "--sede". Did you mean "seeds"?');
    expect(() => read('-s')).toThrow(UnknownNameError);
    expect(() => read('--toString')).toThrow(UnknownNameError);
  });

  it.each([
    [['--seeds'], '--seeds: expected a value, received nothing'],
    [['--seeds='], '--seeds: expected a value, received nothing'],
    [
      ['--text', '--fast'],
      '--text: expected a value, received the option "--fast". A value that begins with "-" is given as --text=',
    ],
    [['--fast=yes'], '--fast: expected no value, received "yes"'],
    [['--seeds', '1', '--seeds', '2'], '--seeds: expected it once, received it twice'],
    [['seven'], 'expected options alone, each with "--" before its name, received "seven"'],
    [['--', 'seven'], 'received "seven"'],
  ])('refuses %j', (args, message) => {
    expect(() => read(...args)).toThrow(ConfigError);
    expect(() => read(...args)).toThrow(message);
  });
});
