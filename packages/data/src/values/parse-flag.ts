const flags: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', 'y', 't', '1'].map((text) => [text, true] as const),
  ...['false', 'no', 'n', 'f', '0'].map((text) => [text, false] as const),
]);

/** Whether a text says yes or no; undefined for any other. */
export function parseFlag(text: string): boolean | undefined {
  return flags.get(text.trim().toLowerCase());
}
