/** The licenses that there is a text for, by their SPDX identifiers; `UNLICENSED` keeps all rights. */
export const licenses = ['Apache-2.0', 'MIT', 'UNLICENSED'] as const;

export type License = (typeof licenses)[number];
