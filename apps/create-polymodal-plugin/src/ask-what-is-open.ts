import { isCancel, select, text } from '@clack/prompts';
import { type License, licenses } from './license';
import { kindDescriptions, type PluginKind, pluginKinds } from './plugin-kind';
import { pluginNames } from './plugin-names';

/** What decides which package is made. */
export interface Choices {
  readonly kind: PluginKind;
  readonly name: string;
  readonly license: License;
}

/**
 * Asks for what was not said on the command line. Needs a terminal.
 *
 * @returns nothing where the questions were broken off
 * @throws CreateError for a name that will not do
 */
export async function askWhatIsOpen(said: Partial<Choices>): Promise<Choices | undefined> {
  const kind = said.kind ?? (await askForKind());
  if (isCancel(kind)) return undefined;
  if (said.name !== undefined) pluginNames(said.name, kind); // before anything else is asked
  const name = said.name ?? (await askForName(kind));
  if (isCancel(name)) return undefined;
  const license = said.license ?? (await askForLicense());
  if (isCancel(license)) return undefined;
  return { kind, name, license };
}

function askForKind() {
  return select({
    message: 'What is it to add?',
    options: pluginKinds.map((value) => ({ value, label: value, hint: kindDescriptions[value] })),
  });
}

function askForName(kind: PluginKind) {
  return text({
    message: 'What is the package to be called?',
    placeholder: `polymodal-my-${kind}`,
    validate: (name = '') => {
      try {
        pluginNames(name, kind);
        return undefined;
      } catch (error) {
        return error as Error;
      }
    },
  });
}

function askForLicense() {
  return select({
    message: 'Under which license?',
    options: licenses.map((value) => ({ value, label: value })),
  });
}
