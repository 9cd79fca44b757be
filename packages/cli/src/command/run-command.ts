import { CommanderError } from 'commander';
import type { Surroundings } from '../surroundings';
import { createProgram } from './create-program';
import { interruptedText } from './early-interruption';
import { errorDocument, isInterruption } from './error-document';
import { exitCode } from './exit-code';
import { printable } from './printable';
import { tellError } from './tell-error';
import { UsageError } from './usage-error';

/**
 * The command `polymodal`: reads a command line, does what it says, and tells what came of it.
 *
 * @param args what stands behind `polymodal`
 * @returns the exit code
 */
export async function runCommand(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { output } = surroundings;
  const told = { json: args.includes('--json'), verbose: args.includes('--verbose') };
  let code: number = exitCode.done;
  const program = createProgram(surroundings, ({ text, result, exitCode: own = exitCode.done }) => {
    if (told.json && result !== undefined) output.write(`${JSON.stringify(result, null, 2)}\n`);
    else if (!told.json && text !== '') output.write(`${printable(text)}\n`);
    code = own;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCode.done; // --help, --version
    const isSaid = error instanceof CommanderError; // and for people already
    if (isSaid || isInterruption(error)) {
      if (told.json) output.write(errorDocument(error));
      if (!isSaid) surroundings.messages.write(`${interruptedText}\n`);
      return isSaid ? exitCode.usage : exitCode.interrupted;
    }
    tellError(error, surroundings, told);
    return UsageError.isInstance(error) ? exitCode.usage : exitCode.failed;
  }
}
