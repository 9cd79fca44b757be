import { basename, join, relative, resolve } from 'node:path';
import { type BackendName, ConfigError, createRegistry, PolymodalError } from '@polymodal/core';
import { writeDurably } from '@polymodal/core/node';
import { type FoundFiles, openTable, type ProposedSchema, proposeSchema } from '@polymodal/data';
import { counted } from '../command/counted';
import type { Outcome } from '../command/outcome';
import { requireEnding } from '../command/require-ending';
import { requireNothing } from '../command/require-nothing';
import { textTable } from '../command/text-table';
import { configNames } from '../config/find-config';
import { leftOut } from '../data/left-out';
import { requireInput } from '../data/require-input';
import { packagesFor } from '../propose/packages-for';
import { projectText } from '../propose/project-text';
import { proposeProject, rowsOf } from '../propose/propose-project';
import type { Surroundings } from '../surroundings';

/** What may be said of `polymodal init`. */
export interface InitOptions {
  readonly out?: string;
  readonly target?: string;
  readonly encoding?: string;
  readonly backend?: BackendName;
}

/** `polymodal init`: writes a config for a table, with the reasons for what it proposes. What is there already stays. */
export async function initCommand(
  manifest: string,
  options: InitOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { directory } = surroundings;
  const source = resolve(directory, manifest);
  await requireInput(source, 'a table, or a folder of files');
  if (/\.ya?ml$/i.test(source)) throw configInstead(manifest);
  if (options.out !== undefined) requireEnding(options.out, '--out', ['.yaml', '.yml', '.json']);
  const out = resolve(directory, options.out ?? configNames[0]);
  await requireNothing(out, 'Name another one: --out other.yaml');
  const csv = options.encoding === undefined ? {} : { csv: { encoding: options.encoding } };
  const schema = await proposeSchema(await openTable(source, csv).catch((error) => Promise.reject(withOption(error))), {
    target: options.target,
  });
  requireSlots(schema, manifest);
  const rows = rowsOf(schema);
  const name = basename(manifest).replaceAll(endings, '') || 'run';
  const path = relative(join(out, '..'), source);
  const project = proposeProject(schema, { manifest: path, directory: `runs/${name}`, ...csv });
  await writeDurably(out, projectText(project, schema, out));
  const installed = createRegistry([...(await surroundings.plugins(directory))]).names;
  const missing = packagesFor(project, installed);
  const columns = schema.columns.map(({ column, kind, role, why }) => [column, kind, role, why]);
  const said = [
    textTable([['column', 'kind', 'taken for', 'why'], ...columns]),
    '',
    leftOut(schema.faults, rows + schema.faults.count),
    ...schema.columns.map(({ column, files }) => filesSaid(column, files)),
    Object.keys(schema.targets).length === 0 && !schema.conversation
      ? 'No column looks like what is to be learned: say which, --target <column>, or fill in data.targets and model.heads.'
      : '',
    rows < fewRows ? `Of ${counted(rows, 'row')} little can be told: look at what each column is taken for.` : '',
    missing.length > 0 ? `Install what it needs: npm install ${missing.join(' ')}` : '',
    `Wrote ${relative(directory, out)}. Read it, then: polymodal train --dry-run`,
  ];
  return {
    text: said.filter((line, index) => index === 1 || line !== '').join('\n'),
    result: { config: out, project, install: missing, columns: schema.columns, faults: schema.faults.count },
  };
}

/** What is no name of what a table is about: the end of a file's name, and how shards are counted. */
const endings = /[-_.]*\{[^}]*\}|(\.tar)?\.[^.]*$/g;

/** Of fewer the kinds of columns are guesses. */
const fewRows = 20;

/** How many of the files that a column names are there; where some are not, most likely paths start from another folder. */
function filesSaid(column: string, files: FoundFiles | undefined): string {
  if (!files) return '';
  const { looked, found, fault } = files;
  const said = `${column}: of ${looked} files that were looked for, ${found === looked ? 'all' : found} are there.`;
  return fault
    ? `${said} The first that is not: ${fault.message} In the config, data.root says from which folder paths start.`
    : said;
}

function requireSlots({ slots, columns }: ProposedSchema, where: string): void {
  if (Object.keys(slots).length > 0) return;
  throw new ConfigError({
    where,
    expected: 'a column to learn from: pictures, sounds, texts, numbers, categories, dates',
    received: columns
      .map(({ column, kind, role }) => `${column} (${role === 'target' ? 'what is to be learned' : kind})`)
      .join(', '),
    hint: 'A column of names or numbers of rows tells nothing of others.',
  });
}

function configInstead(given: string): ConfigError {
  const [expected, received] = ['a table, or a folder of files', 'a config'];
  return new ConfigError({
    where: given,
    expected,
    received,
    hint: `What comes of it: polymodal train --dry-run ${given}`,
  });
}

/** What a config can say of a file, said as this command takes it. */
function withOption(error: unknown): unknown {
  const hint = PolymodalError.isInstance(error) && asOption(error.hint ?? '');
  if (!hint) return error;
  const { where, expected, received } = error;
  return new ConfigError({ ...(where !== undefined && { where }), expected, received, hint, cause: error });
}

function asOption(hint: string): string | undefined {
  if (hint.includes('encoding')) return 'Say how the file is encoded: --encoding windows-1252. Or save it as UTF-8.';
  return hint.includes('format:')
    ? 'Call it by what it is: notes.csv. In a config, data.format says so, too.'
    : undefined;
}
