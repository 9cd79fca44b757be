import type { Command, Option } from 'commander';

/** A command as a shell completes it. */
export interface CommandWords {
  /** The words that lead to it, each behind a slash: `/hub/download`; empty for `polymodal` itself. */
  readonly place: string;
  readonly options: readonly OptionWords[];
  /** Those within it. */
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  /** What its first argument may be; of others it may be a file. */
  readonly choices: readonly string[];
}

/** An option as a shell completes it. */
export interface OptionWords {
  readonly long: string;
  readonly short: string | undefined;
  readonly description: string;
  /** Whether a value follows it. */
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

/** All commands of a program, the program itself first; each has the options of the program too. */
export function commandWords(program: Command): CommandWords[] {
  return within(program, '', program.options.map(optionWords));
}

function within(command: Command, place: string, shared: readonly OptionWords[]): CommandWords[] {
  const { commands } = command;
  const own = place === '' ? [] : command.options.filter(({ hidden }) => !hidden).map(optionWords);
  const help: OptionWords = { ...none, long: '--help', short: '-h', description: 'display help for command' };
  const [argument] = command.registeredArguments;
  const words: CommandWords = {
    place,
    options: [...own, ...shared, help],
    commands: commands.map((inner) => ({ name: inner.name(), description: inner.description() })),
    choices: argument?.argChoices ?? [],
  };
  return [words, ...commands.flatMap((inner) => within(inner, `${place}/${inner.name()}`, shared))];
}

const none = { takesValue: false, choices: [] } as const;

function optionWords({ long, short, description, required, optional, argChoices }: Option): OptionWords {
  return {
    long: long!,
    short,
    description,
    takesValue: required || optional,
    choices: argChoices ?? [],
  };
}
