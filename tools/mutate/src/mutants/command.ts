import { mutantsOf } from '../mutant';

/** Faults of the command `polymodal`: what it says of a mistake, and what it leaves alone. */
export const commandFaults = [
  ...mutantsOf('packages/cli/src/config/apply-setting.ts', ['packages/cli/src/commands/mistakes.test.ts'], {
    'command: a setting changes nothing': ['document.setIn(names, value.contents);', ''],
  }),
  ...mutantsOf('packages/cli/src/config/config-file.ts', ['packages/cli/src/commands/mistakes.test.ts'], {
    'command: errors of a config name no line': [
      'if (!(isOwn || isWhole) || !isOption(where)) return error;',
      'return error;',
    ],
  }),
  ...mutantsOf('packages/cli/src/command/require-nothing.ts', ['packages/cli/src/commands/mistakes.test.ts'], {
    'command: a file that is there is no hindrance': ['if (!stats) return requireFolder', 'return requireFolder'],
  }),
  ...mutantsOf('packages/cli/src/data/told-by-line.ts', ['packages/cli/src/commands/mistakes.test.ts'], {
    'command: samples are told by number, not by line': [
      'const table = index === undefined ? undefined : sources[source];',
      'const table = undefined as Manifest | undefined;',
    ],
  }),
  ...mutantsOf('packages/cli/src/run/with-usable-rows.ts', ['packages/cli/src/commands/unusual.test.ts'], {
    'command: a dry run tells samples by number, not by line': ["({ ...own, '': own.data })", '({ ...own })'],
  }),
  ...mutantsOf('packages/cli/src/data/training-data.ts', ['packages/cli/src/commands/unusual.test.ts'], {
    'command: a stage learns from sources that it does not name': [
      'names.map((name) => [name, sources[name]])',
      'Object.keys(sources).map((name) => [name, sources[name]])',
    ],
  }),
  ...mutantsOf('packages/cli/src/data/leaving-out.ts', ['packages/cli/src/commands/unusual.test.ts'], {
    'command: rows that only the model finds wrong are not left out': [
      "onError === 'skip' && (isOfSample(error)",
      'false && (isOfSample(error)',
    ],
    'command: a run by weights does not go on where bad rows are skipped': ['|| follows?.(error)', ''],
  }),
  ...mutantsOf('packages/cli/src/data/open-parts.ts', ['packages/cli/src/commands/unusual.test.ts'], {
    'command: parts that mean the same are not joined': ['splitName(name) ?? name', 'name'],
  }),
  ...mutantsOf('packages/cli/src/command/run-command.ts', ['packages/cli/src/command/run-command.test.ts'], {
    'command: programs are told nothing of a mistyped line': ['if (told.json) output.write(usageDocument(error));', ''],
  }),
  ...mutantsOf('packages/cli/src/run/guesses.ts', ['packages/cli/src/run'], {
    'command: guesses know what they are measured by': [
      'await targetsOf(train, String(target))',
      'await targetsOf(test, String(target))',
    ],
  }),
];
