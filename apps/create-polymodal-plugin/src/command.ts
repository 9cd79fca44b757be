import { Command, Option } from 'commander';
import type { Choices } from './ask-what-is-open';
import type { License } from './license';
import { licenses } from './license';
import { kindDescriptions, type PluginKind, pluginKinds } from './plugin-kind';

/** What may stand on the command line. */
export interface Said extends Partial<Choices> {
  readonly author?: string;
  readonly directory?: string;
}

/** What is there where nobody can be asked. */
export const defaults: { readonly kind: PluginKind; readonly license: License } = {
  kind: 'modality',
  license: 'Apache-2.0',
};

/** The command line, and what is done with what it says. */
export function createCommand(version: string, run: (said: Said) => Promise<void>): Command {
  return new Command('create-polymodal-plugin')
    .usage('[name] [options]')
    .description(
      'Makes a package with a plugin for Polymodal: a modality, an encoder, a head or a fusion, with its tests.',
    )
    .argument('[name]', 'of the package: polymodal-heart-rate, or @acme/heart-rate')
    .addOption(new Option('--kind <kind>', `what it adds (default: ${defaults.kind})`).choices(pluginKinds))
    .addOption(new Option('--license <license>', `of the package (default: ${defaults.license})`).choices(licenses))
    .option('--author <name>', 'who holds the copyright')
    .option('--directory <folder>', 'where it is written, new or empty (default: a folder of its name)')
    .version(version)
    .addHelpText(
      'after',
      [
        '',
        'Kinds:',
        ...pluginKinds.map((kind) => `  ${kind.padEnd(10)} ${kindDescriptions[kind]}`),
        '',
        'On a terminal it asks for what is not said: name, kind and license. Elsewhere there has to be a name.',
        '',
        'Example:',
        '  npm create polymodal-plugin @acme/polymodal-heart-rate -- --kind modality --license MIT --author "Acme"',
      ].join('\n'),
    )
    .action((name: string | undefined, options: Omit<Said, 'name'>) =>
      run({ ...options, ...(name !== undefined && { name }) }),
    );
}
