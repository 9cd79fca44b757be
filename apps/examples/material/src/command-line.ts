import { parseArgs } from 'node:util';
import { ConfigError, describeValue, parseConfig, suggestNames, UnknownNameError } from '@polymodal/core';
import type { z } from 'zod';

/** Options of a command by name: those whose schema takes a boolean are there or not, others have a value. */
export type CommandOptions = Readonly<Record<string, z.ZodType>>;

/**
 * Reads a command line strictly: nothing that is not understood is passed over.
 *
 * @throws UnknownNameError for an option that does not exist, ConfigError for a value that is missing, too many or not
 *   what the schema takes, for an option that is given twice, and for anything else than options
 */
export function readCommandLine<Options extends CommandOptions>(
  args: readonly string[],
  options: Options,
): { [Name in keyof Options]: z.output<Options[Name]> } {
  const given = readValues(args, options);
  const parsed = Object.entries(options).map(([name, schema]) => [name, parseConfig(schema, given[name], `--${name}`)]);
  return Object.fromEntries(parsed);
}

function readValues(args: readonly string[], options: CommandOptions): Record<string, string | true> {
  const types = Object.entries(options).map(([name, schema]) => [
    name,
    { type: isSwitch(schema) ? 'boolean' : 'string' },
  ]);
  const { tokens } = parseArgs({ args: [...args], options: Object.fromEntries(types), strict: false, tokens: true });
  const values: Record<string, string | true> = {};
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') throw notAnOption(token.value);
    const { name, rawName } = token;
    if (!Object.hasOwn(options, name)) throw unknown(rawName, options);
    if (Object.hasOwn(values, name)) {
      throw new ConfigError({ where: rawName, expected: 'it once', received: 'it twice' });
    }
    values[name] = isSwitch(options[name]) ? readSwitch(token) : readValue(token);
  }
  return values;
}

function isSwitch(schema: z.ZodType): boolean {
  return schema.safeParse(true).success;
}

/** An option as `parseArgs` found it. */
interface OptionToken {
  readonly rawName: string;
  readonly value?: string | undefined;
  /** Whether it was `--name=value`. */
  readonly inlineValue?: boolean | undefined;
}

function readSwitch({ rawName, value, inlineValue }: OptionToken): true {
  if (!inlineValue) return true;
  throw new ConfigError({ where: rawName, expected: 'no value', received: describeValue(value) });
}

/** A value that looks like an option is taken for one: `--text --audio x.wav` lacks a value, `--text=-3` has one. */
function readValue({ rawName, value, inlineValue }: OptionToken): string {
  if (value && (inlineValue || !value.startsWith('-'))) return value;
  throw new ConfigError({
    where: rawName,
    expected: 'a value',
    received: value ? `the option ${describeValue(value)}` : 'nothing',
    ...(value && { hint: `A value that begins with "-" is given as ${rawName}=${value}.` }),
  });
}

function unknown(name: string, options: CommandOptions): UnknownNameError {
  return new UnknownNameError({
    where: 'command line',
    expected: 'known options',
    received: describeValue(name),
    hint: suggestNames(name.replace(/^-+/, ''), Object.keys(options)),
  });
}

function notAnOption(value: string): ConfigError {
  return new ConfigError({
    where: 'command line',
    expected: 'options alone, each with "--" before its name',
    received: describeValue(value),
    hint: 'Put a value with spaces in quotes; --help shows the options.',
  });
}
