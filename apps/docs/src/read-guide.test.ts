import { expect, it } from 'vitest';
import { readGuide } from './read-guide';

const fence = '```';

it('puts blocks in order, by file, and passes over what is not for a program', () => {
  const guide = readGuide(
    [
      'Install:\n',
      `${fence}sh\nnpm install\n${fence}\n`,
      `${fence}ts\n// part.ts\nexport const part = 1;\n${fence}\n`,
      `${fence}ts\nconst a = 1;\n${fence}\n`,
      `${fence}ts\nconsole.log(a);\n${fence}\n`,
      `${fence}ts\n// part.ts\nexport const other = 2;\n${fence}\n`,
      `${fence}text\n1\n${fence}\n`,
    ].join('\n'),
  );
  expect(guide).toEqual({
    files: {
      'part.ts': 'export const part = 1;\n\nexport const other = 2;\n',
      'main.ts': 'const a = 1;\n\nconsole.log(a);\n',
    },
    output: ['1'],
  });
});
