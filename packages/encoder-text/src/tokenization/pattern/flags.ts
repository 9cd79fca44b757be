import { UnsupportedPattern } from './unsupported-pattern';

/** What a part of a pattern is read with. */
export interface Flags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
}

type Modifiers = { readonly enable?: Partial<Record<string, true>>; readonly disable?: Partial<Record<string, true>> };

/** The flags after a directive, or in a group that sets its own. @throws UnsupportedPattern for one that is not done here */
export function changedFlags(flags: Flags, { enable = {}, disable = {} }: Modifiers): Flags {
  const unknown = [...Object.keys(enable), ...Object.keys(disable)].find(
    (flag) => !['ignoreCase', 'dotAll', 'extended'].includes(flag),
  );
  if (unknown) throw new UnsupportedPattern(`the flag ${unknown}`);
  return {
    ignoreCase: enable.ignoreCase ?? (disable.ignoreCase ? false : flags.ignoreCase),
    dotAll: enable.dotAll ?? (disable.dotAll ? false : flags.dotAll),
  };
}
