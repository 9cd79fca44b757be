import { CommanderError } from 'commander';
import type { Surroundings } from '../surroundings';
import { createProgram } from './create-program';
import { exitCode } from './exit-code';
import { printable } from './printable';
import { usageDocument } from './usage-document';

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
    if (!(error instanceof CommanderError)) {
      const { tellError } = await import('./tell-error'); // by which all of core is loaded
      return tellError(error, surroundings, told);
    }
    if (error.exitCode === 0) return exitCode.done; // --help, --version
    if (told.json) output.write(usageDocument(error)); // people have been told
    return exitCode.usage;
  }
}
