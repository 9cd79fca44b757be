import { styleText } from 'node:util';
import type { Output } from '../surroundings';

/** The styles that the command uses. */
type Style = 'bold' | 'dim' | 'red' | 'yellow';

/** Styles text where a person sees it on a terminal, and has not asked for none (https://no-color.org). */
export function painted(
  stream: Output,
  environment: Readonly<Record<string, string | undefined>>,
): (style: Style, text: string) => string {
  const shown = stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb';
  return (style, text) => (shown ? styleText(style, text, { validateStream: false }) : text);
}
