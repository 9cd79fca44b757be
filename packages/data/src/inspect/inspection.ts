import type { PolymodalError } from '@polymodal/core';
import type { RowFaults } from '../manifest/manifest';
import type { InspectedColumn } from './inspect-columns';
import type { LengthSummary } from './length-summary';
import type { RepeatedContents } from './repeated-content';

/** What is in a data set. */
export interface Inspection {
  readonly name: string;
  readonly samples: number;
  /** How many samples each part has, where there are several. */
  readonly parts: Readonly<Record<string, number>>;
  /** Those of the table; of several tables, of the first. */
  readonly columns: readonly InspectedColumn[];
  readonly modalities: Readonly<Record<string, ModalityFigures>>;
  /** How many samples have each combination of modalities. */
  readonly combinations: Counts;
  readonly targets: Readonly<Record<string, TargetFigures>>;
  /** Samples that are wholly equal, by the content of their files. */
  readonly duplicates: RepeatedContents;
  /** Contents, of files and longer texts, that are in more than one part. */
  readonly leaks: RepeatedContents;
  /** Files that cannot be read, or not be decoded where there is a viewer. */
  readonly unreadable: { readonly count: number; readonly first: readonly PolymodalError[] };
  /** Rows that were left out when the manifest was opened. */
  readonly badRows: RowFaults;
  readonly remarks: readonly string[];
  /** Some samples, to be looked at. */
  readonly examples: readonly InspectedSample[];
}

/** Counts by name, and (max − min) / max of them. */
export interface Counts {
  readonly counts: Readonly<Record<string, number>>;
  readonly imbalance: number;
}

/** A modality of a data set. */
export interface ModalityFigures {
  readonly present: number;
  /** How long its values are, by what was counted. */
  readonly lengths: readonly LengthSummary[];
}

/** A target of a data set. */
export interface TargetFigures {
  readonly present: number;
  /** How many samples each class has. */
  readonly classes?: Counts;
  /** Of lists of labels, and of spans that have one: how many there are with each. */
  readonly labels?: Counts;
  /** Of a target that is a number. */
  readonly values?: LengthSummary;
  /** Of lists, spans, answers and texts: how many there are in a sample, and how long they are. */
  readonly lengths?: readonly LengthSummary[];
}

/** A sample that is shown. */
export interface InspectedSample {
  readonly where: string;
  readonly targets: Readonly<Record<string, unknown>>;
  /** By slot. */
  readonly values: Readonly<Record<string, InspectedValue>>;
}

/** A value that is shown: a text, or a picture in PNG of what is in a file. */
export type InspectedValue = { readonly text: string } | { readonly png: Uint8Array };
