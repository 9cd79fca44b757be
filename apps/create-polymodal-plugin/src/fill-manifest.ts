import { CreateError } from './create-error';
import type { License } from './license';

type Dependencies = Readonly<Record<string, string>>;

/** What is read and written of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | undefined;
  readonly dependencies?: Dependencies;
  readonly peerDependencies?: Dependencies;
  readonly devDependencies?: Dependencies;
}

/** A template's package.json with what it leaves open: license, author, and the versions of what it needs. */
export function fillManifest(
  template: Manifest,
  { license, author }: { license: License; author: string | undefined },
  own: Manifest,
): Manifest {
  const versions = (dependencies: Dependencies = {}) =>
    Object.fromEntries(Object.keys(dependencies).map((name) => [name, versionRange(name, own)]));
  return {
    ...template,
    license,
    author,
    dependencies: versions(template.dependencies),
    peerDependencies: versions(template.peerDependencies),
    devDependencies: versions(template.devDependencies),
  };
}

/**
 * The versions with which a template was tested are the development dependencies of this package: the workspace puts them into its
 * package.json when it is packed.
 */
function versionRange(name: string, { devDependencies = {} }: Manifest): string {
  const range = devDependencies[name];
  if (range === undefined || /^(workspace|catalog):/.test(range)) {
    throw new CreateError({
      expected: `a version of ${name} in the package.json of create-polymodal-plugin`,
      received: range ?? 'none',
      hint: 'Versions stand there once it is packed: pack it with pnpm, and run it from the tarball.',
    });
  }
  return /^\d/.test(range) ? `^${range}` : range;
}
