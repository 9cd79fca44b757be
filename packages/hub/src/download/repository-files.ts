import { describeValue } from '@polymodal/core';
import { isSafeFileName } from '@polymodal/core/node';
import { z } from 'zod';
import { ProtocolError } from '../errors/download-error';
import { isCommit } from './cache-layout';
import { patientRequest } from './hub-request';
import type { HubSettings } from './hub-settings';

/** A revision of a repository: its commit, and the files in it. */
export interface RepositoryFiles {
  readonly commit: string;
  readonly files: readonly string[];
}

/** In bytes: of a million files and more. */
const longestListing = 1 << 25;

const answer = z.looseObject({
  sha: z.string().refine(isCommit),
  siblings: z.array(z.looseObject({ rfilename: z.string() })),
});

/** @throws DownloadError */
export async function repositoryFiles(
  settings: HubSettings,
  repository: string,
  revision: string,
): Promise<RepositoryFiles> {
  const url = `${settings.endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}`;
  const response = await patientRequest(settings, url, {});
  const parsed = answer.safeParse(parseJson(await response.text(longestListing)));
  if (!parsed.success) {
    throw new ProtocolError({
      where: url,
      expected: 'the commit and files of a repository',
      received: z.prettifyError(parsed.error),
      hint: 'Is the endpoint that of a hub?',
    });
  }
  const files = parsed.data.siblings.map(({ rfilename }) => rfilename);
  const harmful = files.find((name) => !isSafeFileName(name));
  if (harmful === undefined) return { commit: parsed.data.sha, files };
  throw new ProtocolError({
    where: url,
    expected: 'names of files within the repository',
    received: describeValue(harmful),
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
