/** The source of a regular expression that matches a text as it is, whatever characters are in it. */
export function literalPattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
