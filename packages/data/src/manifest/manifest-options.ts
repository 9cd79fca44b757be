import { isRecord, type Sample } from '@polymodal/core';
import { z } from 'zod';
import { type ConversationBinding, conversationBinding } from '../conversation/conversation-binding';
import type { TableOptions } from '../table/open-table';
import type { CellKind } from '../values/read-value';

/** A column, and what its cells are taken for. */
export interface ColumnBinding {
  readonly column: string;
  /**
   * By default cells are taken for themselves, and those of a slot's column that holds nothing but pictures and sounds, by path,
   * address or bytes, for files.
   */
  readonly as?: CellKind | undefined;
  /** How its numbers are written, `as: 'number'`. Default `.` */
  readonly decimal?: '.' | ',' | undefined;
}

/**
 * Where a value comes from: a column, or several, which make an object with a value for each that is not empty; or a whole row, which is a
 * conversation.
 */
export type Binding =
  | string
  | ColumnBinding
  | { readonly columns: readonly (string | ColumnBinding)[] }
  | ConversationBinding;

/** How a manifest is read. */
export interface ManifestOptions extends TableOptions {
  /** The column of each slot of the model. */
  readonly slots: Readonly<Record<string, Binding>>;
  /** The column of each target. */
  readonly targets?: Readonly<Record<string, Binding>> | undefined;
  /**
   * The column that names a sample, by which splits know it again. By default the file or key, in folders and shards, and elsewhere the
   * content of the row.
   */
  readonly id?: string | undefined;
  /** The folder from which relative paths start, and which they do not leave: itself relative to that of the manifest, the default. */
  readonly root?: string | undefined;
  /** Texts that stand for an empty cell: `['NA', 'null']`. Without them a cell is empty if nothing, white space or NaN is in it. */
  readonly missing?: readonly string[] | undefined;
  /** What becomes of a row that cannot be read: `throw` (the default) refuses the manifest, `skip` counts and leaves it out. */
  readonly onError?: 'throw' | 'skip' | undefined;
  /** Fetches the file of an address: its path, in a cache say, or its bytes. Called when the sample is asked for. */
  readonly fetch?: ((url: string) => Promise<string | Uint8Array>) | undefined;
  /**
   * Looks at each sample before anything is learned, and throws if it is not to be used:
   * `(sample) => model.prepare(sample, { training: false }, 'sample')` finds files that cannot be decoded.
   */
  readonly check?: ((sample: Sample) => unknown) | undefined;
  /** Whether addresses are fetched while the manifest is opened, so that one that cannot be had is a bad row. Default false. */
  readonly fetchFirst?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

const kinds = ['value', 'file', 'text', 'number', 'flag', 'json'] as const satisfies readonly CellKind[];

const columnBinding = z.strictObject({
  column: z.string(),
  as: z.enum(kinds).optional(),
  decimal: z.enum(['.', ',']).optional(),
});

const binding = z.union([
  z.string(),
  columnBinding,
  z.strictObject({
    columns: z
      .array(z.union([z.string(), columnBinding]))
      .min(1)
      .readonly(),
  }),
  conversationBinding,
]);

const isFunction = (value: unknown) => typeof value === 'function';

const slots = z
  .record(z.string(), binding)
  .refine((given) => Object.keys(given).length > 0, 'at least one slot')
  .refine((given) => !('targets' in given || 'meta' in given), 'slots with names other than "targets" and "meta"');

/** What {@link ManifestOptions} are parsed with; those of tables come in by themselves. */
export const manifestOptions = z.strictObject({
  slots,
  targets: z.record(z.string(), binding).default({}),
  id: z.string().optional(),
  root: z.string().min(1).optional(),
  missing: z.array(z.string()).readonly().default([]),
  onError: z.enum(['throw', 'skip']).default('throw'),
  fetch: z.custom<ManifestOptions['fetch']>(isFunction, 'a function').optional(),
  check: z.custom<ManifestOptions['check']>(isFunction, 'a function').optional(),
  fetchFirst: z.boolean().default(false),
  signal: z
    .custom<AbortSignal>((value) => isRecord(value) && typeof value.throwIfAborted === 'function', 'an AbortSignal')
    .optional(),
});

/** Options with their defaults. */
export type ParsedManifestOptions = z.output<typeof manifestOptions>;
