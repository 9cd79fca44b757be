import { mapRecord } from '@polymodal/core';
import type { ProposedConversation, ProposedSchema, ProposedSlot, ProposedTarget } from '@polymodal/data';

/** A config that is proposed, as it is written. */
export interface ProposedProject {
  readonly data: {
    readonly manifest: string;
    readonly csv?: { readonly encoding: string };
    readonly slots: ProposedSchema['manifest']['slots'];
    readonly targets?: ProposedSchema['manifest']['targets'];
    readonly id?: string | undefined;
    readonly missing?: readonly string[] | undefined;
    readonly root?: string | undefined;
    readonly onError: 'skip';
    readonly split: Readonly<Record<string, unknown>>;
  };
  readonly model: {
    readonly hiddenSize: number;
    readonly encoders: Readonly<Record<string, PartOptions>>;
    readonly fusion: PartOptions;
    readonly heads: Readonly<Record<string, PartOptions>>;
  };
  readonly training: Readonly<Record<string, unknown>>;
  readonly directory: string;
}

/** A part of a model with its options. */
interface PartOptions {
  readonly use: string;
  readonly [option: string]: unknown;
}

/** A config for a table: small parts that learn something on a laptop, to be grown from there. */
export function proposeProject(
  schema: ProposedSchema,
  { manifest, directory, csv }: Pick<ProposedProject['data'], 'manifest' | 'csv'> & Pick<ProposedProject, 'directory'>,
): ProposedProject {
  const { slots, targets, split, group } = schema;
  const hasSeveral = Object.keys(slots).length > 1;
  const { slots: bound, targets: learned, ...binding } = schema.manifest;
  const watched = split === undefined && rowsOf(schema) >= enoughToWatch;
  const shares = watched ? { train: 0.8, validation: 0.1, test: 0.1 } : { train: 0.8, test: 0.2 };
  return {
    data: {
      manifest,
      ...(csv && { csv }),
      slots: bound,
      ...(learned && Object.keys(learned).length > 0 && { targets: learned }),
      ...binding,
      onError: 'skip',
      split: split === undefined ? { into: shares, ...(group !== undefined && { groupBy: group }) } : { column: split },
    },
    ...(schema.conversation
      ? answering(schema.conversation)
      : {
          model: {
            hiddenSize: 64,
            encoders: mapRecord(slots, encoderOf),
            fusion: hasSeveral ? { use: 'masked-transformer', numHiddenLayers: 2 } : fusionOfOne(targets),
            heads: mapRecord(targets, (target) => headOf(target, hasSeveral)),
          },
          training: {
            epochs: 30,
            batchSize: 32,
            learningRate: 1e-3,
            ...(hasSeveral && { modalityDropout: 0.2 }),
            ...(watched && bestOf(targets)),
            ...(watched && rowsOf(schema) >= enoughToFit && canBeFitted(targets) && { calibrate: true }),
          },
        }),
    directory,
  };
}

/** A language model that learns to answer, with pictures and sounds in the places where they are asked about. */
function answering({ slot, values }: ProposedConversation): Pick<ProposedProject, 'model' | 'training'> {
  const media = mapRecord(values, (modality) => ({
    ...encoderOf({ modality }),
    several: { most: 8, ordered: false },
  }));
  return {
    model: {
      hiddenSize: 64,
      encoders: {
        [slot]: {
          use: 'transformer',
          causal: true,
          maxLength: 512,
          longDocuments: 'cut',
          chatTemplate,
          numHiddenLayers: 4,
        },
        ...media,
      },
      fusion: { use: 'decoder' },
      heads: { answer: { use: 'language-model', learns: 'answers', endTokenId: endOfLine } },
    },
    training: { epochs: 30, batchSize: 8, packing: true, learningRate: 1e-3 },
  };
}

/** Turns as lines, so that an answer ends where its line does. */
const chatTemplate =
  '{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}';

/** The byte of a line's end, as the tokenizer of bytes counts them. */
const endOfLine = 13;

/** Of fewer rows a tenth says nothing. */
const enoughToWatch = 100;

/** Of fewer rows a tenth tells too little of how sure answers are. */
const enoughToFit = 1000;

function canBeFitted(targets: ProposedSchema['targets']): boolean {
  return Object.values(targets).some(({ kind }) => kind === 'category');
}

/** How many rows of the table were looked at. */
export function rowsOf({ columns }: ProposedSchema): number {
  return columns[0]?.rows ?? 0;
}

/** The epoch that does best on the part `validation` is the one to keep: by a figure that goes on telling epochs apart where all answers are right. */
function bestOf(targets: ProposedSchema['targets']): object {
  const [first] = Object.entries(targets);
  if (!first) return {};
  const [name, { kind }] = first;
  const [figure, order] = figures[kind];
  return { best: { by: `${name}.${figure}`, order, patience: 10 } };
}

const figures: Readonly<Record<ProposedTarget['kind'], readonly [figure: string, order: 'lowest' | 'highest']>> = {
  category: ['crossEntropy', 'lowest'],
  number: ['mae', 'lowest'],
  spans: ['f1', 'highest'],
  answer: ['f1', 'highest'],
  transcript: ['characterErrorRate', 'lowest'],
  boxes: ['averagePrecision', 'highest'],
};

/** Heads that read the tokens of one slot need no vector of all of them. */
function fusionOfOne(targets: ProposedSchema['targets']): PartOptions {
  const ofTokens = Object.values(targets).some(({ kind }) => kind !== 'category' && kind !== 'number');
  return { use: ofTokens ? 'none' : 'mean' };
}

function encoderOf({ modality, columns }: Pick<ProposedSlot, 'modality' | 'columns'>): PartOptions {
  switch (modality) {
    case 'image':
      return { use: 'vit', imageSize: 64, patchSize: 8, numHiddenLayers: 3 };
    case 'audio':
      return { use: 'mel-transformer', numHiddenLayers: 3 };
    case 'text':
      return { use: 'transformer', maxLength: 128, numHiddenLayers: 2 };
    case 'row':
      return { use: 'ft-transformer', columns, numHiddenLayers: 2 };
  }
}

function headOf(
  { kind, labels, of, noAnswer, letters, format, most = 0 }: ProposedTarget,
  hasSeveral: boolean,
): PartOptions {
  const where = hasSeveral && of !== undefined ? { of } : {};
  switch (kind) {
    case 'category':
      return { use: 'classification', labels };
    case 'number':
      return { use: 'regression' };
    case 'spans':
      return { use: 'token-classification', ...where, labels, learns: 'all' };
    case 'answer':
      return { use: 'span', ...where, ...(noAnswer && { noAnswer }) };
    case 'transcript':
      return { use: 'ctc', ...where, vocabulary: letters };
    case 'boxes':
      return { use: 'boxes', ...where, labels, format, numQueries: Math.max(10, 2 * most) };
  }
}
