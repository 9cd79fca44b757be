import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { GuideProject, hubCache } from './guide-project';
import { guides, guidesFolder } from './guides';
import { writeTinyHub } from './tiny-hub';

const example = join(guidesFolder, '../examples/own-modality/src');
const textFamilies = join(guidesFolder, '../../packages/encoder-text/src/families');

/** Where the files of the guide "add-a-family" stand. */
const filesOfGpt2: Readonly<Record<string, string>> = {
  'config.ts': 'gpt2/config.ts',
  'text-transformer.ts': '../text-transformer.ts',
  'causal-text-transformer.ts': '../causal-text-transformer.ts',
  'keys.ts': 'gpt2/keys.ts',
  'gpt2.ts': 'gpt2/index.ts',
};

/** Files of a reader's own, by guide: where they come from, and where they stand in the project. */
const fixturesOf: Readonly<Record<string, readonly [from: string, to: string]>> = {
  'add-a-family': [join(textFamilies, '../../fixtures/families/gpt2'), 'fixtures'],
  'pretrained-models': [join(guidesFolder, '../../packages/architectures/fixtures/zero-shot'), '.'],
};

beforeAll(() => writeTinyHub(hubCache));

describe.each([...guides])('the guide "%s"', (name, guide) => {
  const project = new GuideProject(name, guide);
  const fixtures = fixturesOf[name];
  if (fixtures) cpSync(fixtures[0], join(project.directory, fixtures[1]), { recursive: true });

  it('has code that runs, and prints what the guide says, numbers aside', () => {
    const { succeeded, printed } = project.run();
    expect(succeeded, printed).toBe(true);
    const lines = printed.split('\n').map(withoutNumbers);
    for (const line of guide.output) expect(lines, printed).toContain(withoutNumbers(line));
  });

  const withTests = Object.keys(guide.files).some((file) => file.endsWith('.test.ts'));
  if (withTests) {
    it('has tests that pass', () => {
      const { succeeded, printed } = project.test();
      expect(succeeded, printed).toBe(true);
    });
  }
});

it('the guide "your-own-modality" shows the files of its example as they are', () => {
  const files = Object.entries(guides.get('your-own-modality')!.files).filter(([file]) => file !== 'main.ts');
  expect(files.map(([file]) => file)).toContain('imu-conv.ts');
  for (const [file, code] of files) {
    expect(existsSync(join(example, file)), file).toBe(true);
    expect(withoutBlankLines(code), file).toBe(withoutBlankLines(readFileSync(join(example, file), 'utf8')));
  }
});

it('the guide "add-a-family" shows the files of GPT-2 as they are, but for what they import', () => {
  const files = Object.entries(guides.get('add-a-family')!.files).filter(([file]) => !/^main|test/.test(file));
  expect(files.map(([file]) => file)).toEqual(Object.keys(filesOfGpt2));
  for (const [file, code] of files) {
    const source = readFileSync(join(textFamilies, filesOfGpt2[file]!), 'utf8');
    expect(withoutBlankLines(withoutImports(code)), file).toBe(withoutBlankLines(withoutImports(source)));
  }
});

/** Figures differ a little from machine to machine, the columns that they stand in too. */
function withoutNumbers(line: string): string {
  return line
    .replaceAll(/\d+(\.\d+)?/g, '#')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function withoutImports(code: string): string {
  return code.replaceAll(/^import [^;]*;$/gm, '');
}

function withoutBlankLines(code: string): string {
  return code.replaceAll(/\n\s*\n/g, '\n').trim();
}
