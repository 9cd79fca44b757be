import validateNpmPackageName from 'validate-npm-package-name';
import { CreateError } from './create-error';
import { namesInUse } from './names-in-use';
import type { PluginKind } from './plugin-kind';

/** Every name that follows from that of the package. */
export interface PluginNames {
  /** `@acme/polymodal-heart-rate` */
  readonly package: string;
  /** The package's without its scope: `polymodal-heart-rate`. */
  readonly folder: string;
  /** What configs `use`, and the files: `heart-rate`. */
  readonly part: string;
  /** `heartRate` */
  readonly camelCase: string;
  /** `HeartRate` */
  readonly pascalCase: string;
}

/** Those that say nothing, and those that would give exports the names of what the templates import: `defineHead`. */
const noNames = ['polymodal', 'plugin', 'define', 'describe'];

/** @throws CreateError for a name that npm would not take, or that no part can be called by */
export function pluginNames(name: string, kind: PluginKind): PluginNames {
  const { validForNewPackages, errors = [], warnings = [] } = validateNpmPackageName(name);
  if (!validForNewPackages) {
    throw new CreateError({
      expected: 'a name for an npm package, such as polymodal-heart-rate or @acme/heart-rate',
      received: `"${name}"`,
      hint: `npm says: ${[...errors, ...warnings].join('; ')}.`,
    });
  }
  const folder = name.replace(/^@[^/]+\//, '');
  const words = folder.split(/[^a-z0-9]+/).filter((word) => word !== '');
  const part = words.join('-').replace(new RegExp(`^polymodal-|-(plugin|${kind})$`, 'g'), '');
  if (!/^[a-z]/.test(part) || noNames.includes(part)) {
    throw new CreateError({
      expected:
        'a package name that says what its part is called, beginning with a letter, such as polymodal-heart-rate',
      received: `"${name}"`,
      hint: `Classes and files are called after it. A scope, "polymodal-" in front, and "-plugin" or "-${kind}" behind are left out.`,
    });
  }
  if (namesInUse[kind]?.includes(part)) {
    throw new CreateError({
      expected: `a name that no ${kind} of Polymodal has`,
      received: `"${part}", of the package "${name}"`,
      hint: 'A registry holds each name once, so the two could not be used together.',
    });
  }
  const pascalCase = part.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return { package: name, folder, part, pascalCase, camelCase: pascalCase[0]!.toLowerCase() + pascalCase.slice(1) };
}
