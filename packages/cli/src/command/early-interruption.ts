/** What a command is told of that was interrupted before it came to anything. */
export const interruptedText = 'It was interrupted before it came to anything.';

/**
 * Answers Ctrl-C from the first moment on, until a command takes care of it itself: loading everything takes a second. It imports nothing,
 * so that it is there before that.
 */
export const earlyInterruption = {
  answer(): void {
    process.on('SIGINT', end);
  },
  handOver(): void {
    process.off('SIGINT', end);
  },
};

function end(): void {
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ error: { code: 'INTERRUPTED', message: interruptedText } })}\n`);
  }
  process.stderr.write(`\n${interruptedText}\n`);
  process.exit(130);
}
