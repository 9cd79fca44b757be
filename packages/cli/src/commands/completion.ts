import type { Command } from 'commander';
import type { Outcome } from '../command/outcome';
import { bashCompletion } from '../completion/bash-completion';
import { commandWords } from '../completion/command-words';
import { fishCompletion } from '../completion/fish-completion';
import { zshCompletion } from '../completion/zsh-completion';

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** A shell that can complete the command. */
export type Shell = keyof typeof scripts;

/** All of {@link Shell}. */
export const shells = Object.keys(scripts) as Shell[];

/** `polymodal completion`: a script by which a shell completes the commands and options of a program. */
export function completionCommand(shell: Shell, program: Command): Outcome {
  const script = scripts[shell](commandWords(program));
  return { text: script.trimEnd(), result: { shell, script } };
}
