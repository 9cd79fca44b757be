/** The code of a guide: a program, the files that stand beside it, and what it says that the program prints. */
export interface Guide {
  /** Code by file name: blocks that begin with `// name.ts` belong to that file, all others to `main.ts`. */
  readonly files: Readonly<Record<string, string>>;
  /** Lines that `main.ts` prints. */
  readonly output: readonly string[];
}

/** Reads the blocks of a guide: `ts` is code, `text` is output, and others, for a shell or as JSON, are passed over. */
export function readGuide(markdown: string): Guide {
  const files: Record<string, string> = {};
  const output: string[] = [];
  for (const [, language, content] of markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)) {
    if (language === 'text') output.push(...content.split('\n').filter((line) => line.trim() !== ''));
    if (language !== 'ts') continue;
    const [, file = 'main.ts', code] = content.match(/^(?:\/\/ (\S+\.ts)\n)?(.*)$/s)!;
    files[file] = file in files ? `${files[file]}\n${code}` : code; // a file in several blocks, with words in between
  }
  return { files, output };
}
