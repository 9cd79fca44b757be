import { mutantsOf } from '../mutant';

/** Faults of data from files: where rows begin, what cells say, which part a sample is in. */
export const manifestFaults = [
  ...mutantsOf('packages/data/src/text/record-splitter.ts', ['packages/data/src/text', 'packages/data/src/table'], {
    'csv: a quote within a field opens one': ['byte === quote && isFieldStart', 'byte === quote'],
    'csv: two quotes within a field end it': ['byte === quote && bytes[position + 1] === quote', 'false'],
    'csv: the LF of a CR LF may be cut off': [
      'if (position === bytes.length && !isLast) break; // an LF may follow',
      '',
    ],
    'csv: lines within quotes are not counted': [
      'if (byte === newline || (byte === carriageReturn && bytes[position + 1] !== newline)) line++;',
      'if (!isQuoted && (byte === newline || (byte === carriageReturn && bytes[position + 1] !== newline))) line++;',
    ],
  }),
  ...mutantsOf('packages/data/src/text/csv-table.ts', ['packages/data/src/text'], {
    'csv: a ragged row is taken': ['cells.length === columns) return cells;', 'true) return cells;'],
  }),
  ...mutantsOf('packages/data/src/files/source-file.ts', ['packages/data/src/text'], {
    'manifests: a file that was changed is read on': ['if (!isSame) throw', 'if (false) throw'],
  }),
  ...mutantsOf('packages/data/src/values/find-file.ts', ['packages/data/src/manifest'], {
    'paths: may lead out of their folder': ['if (!isAbsolute(named) && leadsOut(path, root))', 'if (false)'],
  }),
  ...mutantsOf('packages/data/src/values/missing-cells.ts', ['packages/data/src'], {
    'cells: white space is a value': ["cell.trim() === ''", "cell === ''"],
    'cells: NaN is a value': [' || Number.isNaN(cell)', ''],
  }),
  ...mutantsOf('packages/data/src/shards/tar-header.ts', ['packages/data/src/table'], {
    'tar: long names of pax are left unread': ["if (key === 'path') found.path = value;", ''],
    'tar: long names of linked files are left unread': ["if (key === 'linkpath') found.linkpath = value;", ''],
  }),
  ...mutantsOf('packages/data/src/values/exact-number.ts', ['packages/data/src/text'], {
    'numbers: an id becomes that of its neighbour': ['if (!/[.e]/i.test(written)) return false;', ''],
  }),
  ...mutantsOf('packages/data/src/shards/tar-members.ts', ['packages/data/src/table'], {
    'tar: a long name is that of all members behind it': ['    extended = {};\n', ''],
    'tar: a damaged header is read': ['if (sum === numberOf(header.subarray(148, 156))) return;', 'return;'],
  }),
  ...mutantsOf('packages/data/src/split/assign-parts.ts', ['packages/data/src/split'], {
    'splits: follow the order of rows': ['hashed(seed, unit.name) }', '0 }'],
    'splits: small strata all round in one direction': ['(isSmall ? surplus[part] : 0)', '0'],
  }),
  ...mutantsOf('packages/data/src/split/split-manifest.ts', ['packages/data/src/split'], {
    'splits: an id may be in two groups': ['if (known && known.group !== group)', 'if (false)'],
    'splits: combinations of modalities are not told apart': ['JSON.stringify([combination, ', 'JSON.stringify(['],
  }),
  ...mutantsOf('packages/data/src/split/split-file.ts', ['packages/data/src/split'], {
    'splits: a changed file is read': ['if (checksum(text.slice(end)) !== sha256)', 'if (false)'],
    'splits: another split is replaced': ['if (existsSync(path)) requireGrown', 'if (false) requireGrown'],
  }),
  ...mutantsOf('packages/data/src/schema/class-column.ts', ['packages/data/src/schema'], {
    'schema: indices of classes are taken for numbers': ['  if (names) {', '  if (false) {'],
    'schema: classes that are integers are known by no name': ['!ofClasses.test(column) &&', ''],
  }),
  ...mutantsOf('packages/data/src/schema/group-column.ts', ['packages/data/src/schema'], {
    'schema: few groups are kept apart, too': ['counts.size >= fewest && ', ''],
  }),
  ...mutantsOf('packages/data/src/schema/marked-text.ts', ['packages/data/src/schema'], {
    'schema: positions of SQuAD are counted in units of UTF-16': ['inCodePoints ? [...cell] : cell', 'cell'],
  }),
  ...mutantsOf('packages/data/src/inspect/content-hash.ts', ['packages/data/src/inspect'], {
    'inspection: files are known by their names': [
      'sha256: digest(content), isTelling',
      'sha256: digest(String(value)), isTelling',
    ],
  }),
  ...mutantsOf('packages/data/src/missing/missing-table.ts', ['packages/data/src/missing'], {
    'missing: the first samples lack a modality': ['missing[order[index]] = index', 'missing[index] = index'],
    'missing: the checksum is not that of the slots': ['JSON.stringify([slots, missing])', 'JSON.stringify(missing)'],
  }),
];
