import type { ProposedConversation, ProposedSchema } from '@polymodal/data';
import { Document, isMap, isScalar, type Pair, type Scalar } from 'yaml';
import { printable } from '../command/printable';
import type { ProposedProject } from './propose-project';

/** A proposed config as text: YAML with comments that say why, or JSON, which has none, by the end of the file's name. */
export function projectText(project: ProposedProject, schema: ProposedSchema, path: string): string {
  if (path.endsWith('.json')) return `${JSON.stringify(project, null, 2)}\n`;
  const document = new Document(project, { aliasDuplicateObjects: false });
  document.commentBefore = [
    ' What a run of Polymodal is. What all of it means: https://github.com/polymodal/polymodal/tree/main/packages/cli#the-config',
    ' All options, those of the parts too: polymodal schema --out polymodal.schema.json, by which editors complete this file.',
  ].join('\n');
  for (const [option, comment] of comments(project, schema)) remark(document, option, comment);
  return document.toString({ lineWidth: 120, flowCollectionPadding: true });
}

/** What is said above each option. */
function comments({ data, model }: ProposedProject, schema: ProposedSchema): [option: string[], comment: string][] {
  const why = (columns: readonly string[]) =>
    schema.columns
      .filter(({ column }) => columns.includes(column))
      .map(({ column, kind, why, present, rows }) => {
        const gaps = present < rows ? `; ${rows - present} of ${rows} cells are empty` : '';
        return `${column}: ${kind}, ${why}${gaps}`;
      });
  const slots = Object.entries(data.slots).map(([slot, binding]): [string[], string] => [
    ['data', 'slots', slot],
    why(columnsOf(binding)).join('\n'),
  ]);
  const targets = Object.entries(data.targets ?? {}).map(([target, binding]): [string[], string] => [
    ['data', 'targets', target],
    ['What is to be learned.', ...why(columnsOf(binding))].join('\n'),
  ]);
  const unused = why(schema.columns.filter(({ role }) => role === 'none').map(({ column }) => column));
  return [
    [
      ['data', 'slots'],
      [
        'What it goes by. An empty cell is a modality that is missing.',
        ...unused.map((own) => `Left out: ${own}`),
      ].join('\n'),
    ],
    ...slots,
    ...targets,
    ...(schema.conversation ? answeringComments(schema.conversation) : []),
    [['data', 'missing'], 'Texts that stand for an empty cell.'],
    [['data', 'root'], 'The folder from which paths start: the files lie there.'],
    [['data', 'id'], 'By which the split knows a row again.'],
    [['data', 'onError'], 'Bad rows are counted and left out; "throw" refuses the table.'],
    [
      ['data', 'split'],
      schema.split === undefined
        ? `Learned from, watched while learning where there are rows enough, and kept for the figures at the end.\n${together(schema.group)}`
        : 'The column says which part a row belongs to.',
    ],
    [['model', 'hiddenSize'], 'The width of all: 64 learns on a laptop; more for large tables.'],
    [
      ['model', 'fusion'],
      Object.keys(model.encoders).length > 1
        ? 'What joins the slots of a row, whichever of them it has.'
        : 'There is one slot, so nothing is joined.',
    ],
    [['training', 'modalityDropout'], 'Slots are hidden at random, so that it learns to do without each of them.'],
    [
      ['training', 'best'],
      'Ends with the epoch that did best on the part "validation", and early if none is better for so many.',
    ],
    [['training', 'calibrate'], 'How sure answers are is fitted to the part "validation" at the end.'],
    [['directory'], 'Checkpoints, the model and a report go there: a new folder, or that of a run to go on with.'],
  ];
}

function together(group: string | undefined): string {
  return group === undefined
    ? 'If rows belong together (of one patient, one shop), they must not be parted: groupBy: <column>.'
    : `Rows with one value of ${group} stay together, so that what is judged is how it does on others.`;
}

function answeringComments({ slot, why }: ProposedConversation): [option: string[], comment: string][] {
  return [
    [['data', 'slots', slot], `Conversations: ${why}. "values" says what stands for pictures and sounds.`],
    [
      ['model', 'encoders', slot],
      'Bytes of text, written turn by turn as the template says; longer conversations are cut.',
    ],
    [
      ['model', 'heads', 'answer'],
      'Learns what the assistant says, and nothing else; an answer ends with its line (13).',
    ],
    [['training', 'packing'], 'Conversations share rows, each computed as by itself: batchSize counts rows.'],
  ];
}

function columnsOf(binding: ProposedSchema['manifest']['slots'][string]): string[] {
  if (typeof binding === 'string') return [binding];
  if ('column' in binding) return [binding.column];
  if ('conversation' in binding) return [];
  return binding.columns.map((one) => (typeof one === 'string' ? one : one.column));
}

/** Puts a comment above an option that is there. */
function remark(document: Document, option: readonly string[], comment: string): void {
  const around = option.length === 1 ? document.contents : document.getIn(option.slice(0, -1), true);
  if (!isMap(around) || comment === '') return;
  const pair = around.items.find(({ key }) => isScalar(key) && key.value === option.at(-1)) as Pair<Scalar> | undefined;
  if (pair) pair.key.commentBefore = printable(comment).replaceAll(/^/gm, ' ');
}
