import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fillManifest, type Manifest } from './fill-manifest';
import type { License } from './license';
import type { PluginKind } from './plugin-kind';
import type { PluginNames } from './plugin-names';

/** What package is to be made. */
export interface PluginRequest {
  readonly names: PluginNames;
  readonly kind: PluginKind;
  readonly license: License;
  /** Who holds the copyright, for package.json and the license. */
  readonly author: string | undefined;
  readonly year: number;
}

/** Where templates stand, and what the packages are like that they were tested with. */
export interface TemplateSource {
  /** Has a folder for each kind, `shared` with what all of them have, and `licenses`. */
  readonly folder: string;
  /** The manifest whose `devDependencies` are the versions that templates are made for. */
  readonly manifest: Manifest;
}

/** The files of a package by their paths in it: those of the template, in which names stand for the template's own. */
export function fillTemplate(request: PluginRequest, source: TemplateSource): ReadonlyMap<string, string> {
  const { kind, license, names, year, author = `The authors of ${names.package}` } = request;
  const files = new Map<string, string>();
  for (const folder of ['shared', kind]) {
    for (const [path, content] of readFiles(join(source.folder, folder))) {
      files.set(named(usualNames[path] ?? path, names), named(content, names));
    }
  }
  const manifest = JSON.parse(files.get('package.json')!) as Manifest;
  files.set('package.json', `${JSON.stringify(fillManifest(manifest, request, source.manifest), undefined, 2)}\n`);
  const text = readFileSync(join(source.folder, 'licenses', `${license}.txt`), 'utf8');
  files.set(
    'LICENSE',
    text.replaceAll('{{year}}', String(year)).replaceAll('{{author}}', () => author),
  );
  return files;
}

/** Files that would mean something where they are: npm takes a .gitignore for what to leave out of this package, say. */
const usualNames: Readonly<Record<string, string>> = { _gitignore: '.gitignore', '_package.json': 'package.json' };

/** The templates are packages of their own, whose part is called `own-part`. All in one pass: a name may contain what is replaced. */
function named(text: string, { package: packageName, part, camelCase, pascalCase }: PluginNames): string {
  const names: Readonly<Record<string, string>> = {
    'polymodal-own-part': packageName,
    'own-part': part,
    ownPart: camelCase,
    OwnPart: pascalCase,
  };
  return text.replaceAll(/polymodal-own-part|own-part|ownPart|OwnPart/g, (found) => names[found]!);
}

function readFiles(folder: string): [path: string, content: string][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(folder, path).split(sep).join('/'), readFileSync(path, 'utf8')]);
}
