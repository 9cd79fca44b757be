import { PolymodalError } from '@polymodal/core';
import { interruptSignal } from '@polymodal/trainer';

/**
 * Runs the program of an example. Ctrl-C aborts its signal, and what it then throws is no fault: the same command goes on. Errors that
 * tell people what to do are printed without a stack.
 */
export async function runProgram(main: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const signal = interruptSignal();
  try {
    await main(signal);
  } catch (error) {
    if (signal.aborted && error === signal.reason) {
      console.log('Interrupted. The same command goes on from here.');
      process.exitCode = 130;
    } else if (PolymodalError.isInstance(error)) {
      console.error(`${error.name}: ${error.message}`);
      process.exitCode = 1;
    } else throw error;
  }
}
