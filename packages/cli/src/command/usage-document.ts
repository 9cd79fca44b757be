import type { CommanderError } from 'commander';

/** The code of an error of the command line itself. */
export const usageCode = 'USAGE';

/** What is wrong with a command line, for programs, as `errorDocument` says other errors. It needs nothing loaded. */
export function usageDocument({ code, message }: CommanderError): string {
  const said =
    code === 'commander.help'
      ? 'Expected a command, received none. See --help for all there are.'
      : message.replace(/^error: /, '');
  return `${JSON.stringify({ error: { code: usageCode, message: said } })}\n`;
}
