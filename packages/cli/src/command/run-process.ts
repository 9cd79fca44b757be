import type { Surroundings } from '../surroundings';
import { earlyInterruption } from './early-interruption';
import { exitCode } from './exit-code';
import { runCommand } from './run-command';

/**
 * Runs the command `polymodal` as this process: its arguments, streams, environment and Ctrl-C. Its exit code becomes that of the process.
 *
 * ```ts
 * await runProcess({ directory: process.cwd(), plugins: discoverPlugins });
 * ```
 */
export async function runProcess(own: Pick<Surroundings, 'directory' | 'plugins'>): Promise<void> {
  // A reader that has seen enough, as "head" has, closes the pipe: then there is nobody to write to.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(exitCode.done);
  });
  process.exitCode = await runCommand(process.argv.slice(2), {
    ...own,
    output: process.stdout,
    messages: process.stderr,
    environment: process.env,
    again: [process.execPath, ...process.execArgv, process.argv[1]],
    async interruption() {
      const { interruptSignal } = await import('@polymodal/trainer');
      earlyInterruption.handOver();
      return interruptSignal();
    },
  });
}
