import { posix } from 'node:path';
import type { TarLink, TarMember, TarMembers } from './tar-members';

/** Links that lead to one another. */
const mostSteps = 40;

/** The files of an archive under all of their names, and the links that lead to none of them. */
export interface FollowedLinks {
  readonly files: readonly TarMember[];
  readonly lost: readonly TarLink[];
}

/** Has links stand for the files that they lead to, within the archive alone: what else is on the disk is not asked. */
export function followLinks(members: TarMembers['members']): FollowedLinks {
  if (!members.some(isLink)) return { files: members as readonly TarMember[], lost: [] };
  const byName = new Map(members.map((member) => [posix.normalize(member.name), member]));
  const files: TarMember[] = [];
  const lost: TarLink[] = [];
  for (const member of members) {
    const file = fileOf(member, byName);
    if (file) files.push({ ...file, name: member.name });
    else if (isLink(member)) lost.push(member);
  }
  return { files, lost };
}

function fileOf(member: TarMember | TarLink, byName: ReadonlyMap<string, TarMember | TarLink>): TarMember | undefined {
  let found: TarMember | TarLink | undefined = member;
  for (let steps = 0; found && isLink(found) && steps < mostSteps; steps++) {
    const { name, to, isSymbolic }: TarLink = found;
    found = byName.get(posix.normalize(isSymbolic && !to.startsWith('/') ? posix.join(posix.dirname(name), to) : to));
  }
  return found && !isLink(found) ? found : undefined;
}

function isLink(member: TarMember | TarLink): member is TarLink {
  return 'to' in member;
}
