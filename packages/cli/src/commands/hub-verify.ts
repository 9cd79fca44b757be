import { counted } from '../command/counted';
import { exitCode } from '../command/exit-code';
import { installed } from '../command/installed';
import type { Outcome } from '../command/outcome';
import { textTable } from '../command/text-table';
import type { Surroundings } from '../surroundings';

/** What may be said of `polymodal hub verify`. */
export interface HubVerifyOptions {
  readonly revision?: string;
}

/** `polymodal hub verify`: holds what is in the cache of a repository against its checksums; exit code 1 where a file is damaged. */
export async function hubVerifyCommand(
  repository: string,
  options: HubVerifyOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { verifyDownload } = await installed(() => import('@polymodal/hub'), 'hub verify', '@polymodal/hub');
  const verified = await verifyDownload(repository, { ...options, signal: await surroundings.interruption() });
  const { files, directory } = verified;
  const damaged = files.filter(({ state }) => state === 'damaged').map(({ file }) => `${directory}/${file}`);
  const advice = `Remove ${damaged.join(' and ')} with what ${damaged.length > 1 ? 'they link' : 'it links'} to, and fetch it anew: polymodal hub download ${repository}`;
  const said = [
    textTable([['file', 'bytes', 'checksum'], ...files.map(({ file, bytes, state }) => [file, bytes, state])]),
    '',
    damaged.length > 0 ? advice : `${counted(files.length, 'file')} in ${directory}`,
  ];
  return { text: said.join('\n'), result: verified, exitCode: damaged.length > 0 ? exitCode.failed : exitCode.done };
}
