import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openManifest } from '../manifest/open-manifest';
import { fixture } from '../testing/read-by-python';
import { temporaryFolder } from '../testing/temporary-folder';
import { type ColumnKind, columnKind } from './column-kind';
import { proposeSchema } from './propose-schema';

const many = (make: (row: number) => unknown) => Array.from({ length: 40 }, (_, row) => make(row));

describe('columnKind', () => {
  it.each<[ColumnKind, string, readonly unknown[]]>([
    [
      'picture',
      'paths, in capitals and with addresses',
      ['a.PNG', '', 'https://x.example/b.jpeg?w=1', 'data:image/png;base64,AA'],
    ],
    ['picture', 'bytes by what they begin with', [Uint8Array.of(0x89, 0x50, 0x4e, 0x47), null]],
    ['picture', 'bytes as Hugging Face has them', [{ bytes: Uint8Array.of(1), path: 'a.jpg' }]],
    ['sound', 'paths', ['a.wav', 'b.mp3']],
    ['bytes', 'files of both kinds', ['a.wav', 'b.png']],
    ['empty', 'nothing', ['', ' ', null, undefined, Number.NaN]],
    ['number', 'digits', many((row) => `${((row * 7) % 11) / 4}`)],
    ['number', 'a comma', ['1,5', '2', '1.234,5']],
    ['number', 'what stands for nothing among them', ['1.5', 'NA', '7', '?']],
    ['flag', 'yes and no', ['Yes', 'no', '', 'no'.toUpperCase(), 'Yes'].map((cell) => cell.toLowerCase())],
    ['flag', 'true and false', [true, false, true]],
    ['date', 'ISO', ['2020-01-02', '2020-01-02T03:04:05Z', '']],
    ['id', 'numbers that grow', many((row) => row * 3)],
    ['id', 'words that occur once', many((row) => `SKU-${row}`)],
    ['category', 'codes with a zero before them', many((row) => `0${row % 5}123`)],
    ['category', 'few words', many((row) => ['cat', 'dog'][row % 2])],
    [
      'text',
      'texts put together of few words',
      Array.from({ length: 200 }, (_, row) => `${'abcdef'[row % 6]} ${'ghijklm'[row % 7]} jumper`),
    ],
    ['constant', 'the same', ['x', 'x']],
    ['text', 'sentences', many((row) => `a sentence, number ${row}`)],
    ['text', 'numbers and words', many((row) => (row % 2 ? row : `row ${row} is a text`))],
    ['list', 'lists', [['a'], [1, 2]]],
    ['object', 'objects', [{ a: 1 }]],
  ])('says %s of %s', (kind, _, cells) => {
    expect(columnKind(cells).kind).toBe(kind);
  });

  it('says how many cells are lists where others are not, as a damaged row leaves it', () => {
    const { kind, why } = columnKind([[{ from: 'human' }], [], 'oops', null]);
    expect([kind, why]).toEqual(['object', '2 of 3 cells are lists, the others are not']);
  });
});

describe('proposeSchema', () => {
  it('proposes slots and a target that openManifest takes', async () => {
    const row = (index: number) =>
      `${index},img/${index % 3}.jpg,a longer title of ${index},"${index % 9},5",${['red', 'blue'][index % 2]},${index % 4 ? 'train' : 'test'},${['x', 'NA', 'y'][index % 3]},${index % 5 ? index % 7 : 'NA'}`;
    const csv = `id,photo_path,title,price,colour,split,label,size\n${many((index) => row(index as number)).join('\n')}\n`;
    const folder = temporaryFolder({ 't.csv': csv, 'img/0.jpg': '', 'img/1.jpg': '', 'img/2.jpg': '' });
    const schema = await proposeSchema(join(folder, 't.csv'));
    expect(schema.columns.map(({ column, kind, role }) => [column, kind, role])).toEqual([
      ['id', 'id', 'id'],
      ['photo_path', 'picture', 'slot'],
      ['title', 'text', 'slot'],
      ['price', 'number', 'slot'],
      ['colour', 'category', 'slot'],
      ['split', 'category', 'split'],
      ['label', 'category', 'target'],
      ['size', 'number', 'slot'],
    ]);
    expect(schema.slots.row).toMatchObject({
      modality: 'row',
      columns: { price: 'number', colour: 'category', size: 'number' },
    });
    expect(schema.targets.label.labels).toEqual(['x', 'y']);
    expect(schema.manifest.missing).toEqual(['NA']);
    const manifest = await openManifest(join(folder, 't.csv'), schema.manifest);
    expect(await manifest.get(2)).toEqual({
      photo: join(folder, 'img/2.jpg'),
      title: 'a longer title of 2',
      row: { price: 2.5, colour: 'red', size: 2 },
      targets: { label: 'y' },
    });
    expect(await manifest.id(2)).toBe('2');
  });

  it('takes the column that it is told for the target', async () => {
    const csv = `name,colour,size,label\n${many((row) => `n${row},${['red', 'blue'][Number(row) % 2]},${Number(row) % 7},x${Number(row) % 3}`).join('\n')}\n`;
    const path = join(temporaryFolder({ 't.csv': csv }), 't.csv');
    const { targets, slots } = await proposeSchema(path, { target: 'colour' });
    expect(targets).toMatchObject({ colour: { kind: 'category', labels: ['blue', 'red'] } });
    expect(slots.row.columns).toEqual({ size: 'number', label: 'category' });
    await expect(proposeSchema(path, { target: 'color' })).rejects.toThrow('Did you mean "colour"?');
    await expect(proposeSchema(path, { target: 'name' })).rejects.toThrow(
      /a column of classes, numbers, spans .*texts by `text-decoder`/,
    );
  });

  it('takes lists of spans of a text for a target, with the labels that are seen', async () => {
    const spans = [{ start: 0, end: 3, label: 'person' }];
    const rows = many((row) => ({ note: `Ada wrote number ${row}`, entities: Number(row) % 3 ? spans : [] }));
    const path = join(temporaryFolder({ 't.jsonl': rows.map((row) => JSON.stringify(row)).join('\n') }), 't.jsonl');
    const { targets, manifest } = await proposeSchema(path);
    expect(targets.entities).toMatchObject({ kind: 'spans', labels: ['person'] });
    expect(await (await openManifest(path, manifest)).get(1)).toMatchObject({ targets: { entities: spans } });
  });

  it('takes boxes in the only picture for a target, with the labels that are seen, where their numbers tell how they are written', async () => {
    const proposed = async (objects: (row: number) => unknown, target?: string) => {
      const rows = many((row) => ({ photo: `img/${row}.jpg`, objects: objects(Number(row)) }));
      const path = join(temporaryFolder({ 't.jsonl': rows.map((row) => JSON.stringify(row)).join('\n') }), 't.jsonl');
      return (await proposeSchema(path, target === undefined ? {} : { target })).targets.objects;
    };
    const cup = { box: [40, 8, 20, 10], label: 'cup' };
    const cups = await proposed((row) => (row % 3 ? [cup, { box: [4, 4, 9, 9], label: 'a plate' }] : []));
    expect(cups).toMatchObject({ kind: 'boxes', labels: ['a plate', 'cup'], format: 'xywh', most: 2 });
    const corners = (row: number) => [{ box: [row, 2, row + 9, 12] }, { box: [0, 0, 9, 9] }];
    expect(await proposed(corners)).toMatchObject({ labels: ['object'], format: 'xyxy' });
    const folder = (row: number) => ({ bbox: [[40, 8, 20, 10]], categories: [row % 2 ? 3 : 0] });
    expect(await proposed(folder)).toMatchObject({ labels: ['0', '1', '2', '3'], format: 'xywh' });
    const few = (row: number) => (row < 3 ? [{ box: [1, 1, 9, 9] }] : []);
    await expect(proposed(few, 'objects')).rejects.toThrow('boxes in pictures');

    const ids = Array.from({ length: 24 }, (_, id) => id);
    const coco = {
      images: ids.map((id) => ({ id, file_name: `img/${id}.jpg` })),
      annotations: ids.map((id) => ({ image_id: id, category_id: 2, bbox: [1, 2, 30, 40] })), // which might be corners
      categories: [2, 5].map((id) => ({ id, name: `thing ${id}` })), // one of them is nowhere
    };
    const { targets } = await proposeSchema(join(temporaryFolder({ 'a.json': JSON.stringify(coco) }), 'a.json'));
    expect(targets.objects).toMatchObject({ kind: 'boxes', labels: ['thing 2', 'thing 5'], format: 'xywh', most: 1 });
  });

  it('takes answers for a target that stand in a text beside them, whatever the text is called, and knows of questions without one', async () => {
    const context = (row: number) =>
      `The café of number ${row} 🎈 opened in ${1900 + row} by the sea, as all of them did.`;
    const squad = (row: number) => ({
      id: `q${row}`,
      passage: context(row),
      question: `When did the café of number ${row} open its doors, by the way?`,
      answers:
        row % 5 === 0
          ? { text: [], answer_start: [] }
          : { text: [`${1900 + row}`], answer_start: [[...context(row)].join('').indexOf(`${1900 + row}`) - 1] }, // a balloon is two units
    });
    const tableOf = (rows: readonly unknown[]) =>
      join(temporaryFolder({ 't.jsonl': rows.map((row) => JSON.stringify(row)).join('\n') }), 't.jsonl');
    const { targets, slots, manifest } = await proposeSchema(tableOf(many((row) => squad(Number(row)))));
    expect(targets).toEqual({
      answers: { kind: 'answer', binding: { column: 'answers', as: 'value' }, of: 'passage', noAnswer: true },
    });
    expect(Object.keys(slots)).toEqual(['passage', 'question']);
    expect(manifest.id).toBe('id');
    const answered = (row: unknown, answer: object) => ({ note: `It was in ${1900 + Number(row)}`, answer });
    const own = many((row) => answered(row, { start: 10, text: `${1900 + Number(row)}` }));
    expect((await proposeSchema(tableOf([...own, { note: 'It was', answer: 'damaged' }]))).targets).toEqual({
      answer: { kind: 'answer', binding: { column: 'answer', as: 'value' }, of: 'note' },
    });
    const elsewhere = many((row) => answered(row, { start: 3, text: '1900' })); // which stands nowhere
    expect((await proposeSchema(tableOf(elsewhere))).targets).toEqual({});
  });

  it('takes what is said in recordings for a target, with the letters that are seen', async () => {
    const csvOf = (header: string, line: (row: number) => string) =>
      join(temporaryFolder({ 't.csv': `${header}\n${many((row) => line(Number(row))).join('\n')}\n` }), 't.csv');
    const said = (row: number) =>
      `${'ab'.repeat(1 + (row % 3))} c${'d'.repeat(1 + (row % 7))} ${'e'.repeat(1 + (row % 5))}`;
    const spoken = await proposeSchema(
      csvOf('file_name,transcription,speaker', (row) => `${row}.wav,${said(row)},s${row % 3}`),
    );
    expect(spoken.targets).toEqual({
      transcription: {
        kind: 'transcript',
        binding: { column: 'transcription', as: 'text' },
        letters: ' abcde',
        of: 'file',
      },
    });
    expect(Object.keys(spoken.slots)).toEqual(['file']); // whoever speaks, it is said in the recording
    expect(spoken.columns.map(({ role }) => role)).toEqual(['slot', 'target', 'none']);
    const alone = csvOf('audio,words', (row) => `${row}.wav,${said(row)}`);
    expect((await proposeSchema(alone)).targets.words).toMatchObject({ kind: 'transcript', of: 'audio' });
    const reviewed = csvOf('review,sentence,label', (row) => `${row}.wav,${said(row)},${row % 2 ? 'good' : 'bad'}`);
    expect((await proposeSchema(reviewed)).targets).toMatchObject({ label: { kind: 'category' } });
    expect((await proposeSchema(reviewed, { target: 'sentence' })).targets).toMatchObject({
      sentence: { of: 'review' },
    });
  });

  it('gives slots and targets names that parts of a model may have, whatever the columns are called', async () => {
    const csv = `日本語,注釈,1st note,constructor,Preis (€)\n${many((row) => `a text ${row} of some words,another text ${row} here,note no ${row} is it,${Number(row) % 9},${Number(row) * 1.5}`).join('\n')}\n`;
    const path = join(temporaryFolder({ 't.csv': csv }), 't.csv');
    const { slots, targets, manifest } = await proposeSchema(path);
    expect(Object.keys(slots)).toEqual(['column', 'column_', 'column_1st_note', 'row']);
    expect(targets).toMatchObject({ Preis: { binding: { column: 'Preis (€)' } } });
    expect((await openManifest(path, manifest)).length).toBe(40);
  });

  it('finds other names for columns that are called as nothing can be', async () => {
    const csv = `meta,fused,__proto__,targets\n${many((row) => `a text ${row} of words,another text ${row},${row % 9},${row * 1.5}`).join('\n')}\n`;
    const path = join(temporaryFolder({ 't.csv': csv }), 't.csv');
    const { columns, slots, targets } = await proposeSchema(path);
    expect(Object.keys(slots)).toEqual(['column_meta', 'column_fused']);
    expect(targets).toMatchObject({ column_targets: { binding: { column: 'targets' } } });
    expect(columns[2]).toMatchObject({ role: 'none', why: expect.stringContaining('no config can hold its name') });
  });

  it('looks at Parquet too, and takes the last column for the target where none is called so', async () => {
    const schema = await proposeSchema(fixture('snappy.parquet'));
    expect(Object.fromEntries(schema.columns.map(({ column, kind }) => [column, kind]))).toMatchObject({
      text: 'text',
      number: 'number',
      flag: 'flag',
      kind: 'category',
      day: 'date',
      image: 'picture',
      list: 'list', // prettier-ignore
    });
    expect(schema.targets).toEqual({});
    const folder = temporaryFolder({
      't.csv': `a,b\n${many((row) => `a text ${row},${['u', 'v'][(row as number) % 2]}`).join('\n')}`,
    });
    expect((await proposeSchema(join(folder, 't.csv'))).targets.b).toEqual({
      kind: 'category',
      binding: { column: 'b', as: 'text' },
      labels: ['u', 'v'],
    });
    await expect(proposeSchema(join(temporaryFolder({ 't.csv': 'a,b\n' }), 't.csv'))).rejects.toThrow(
      /a table with rows.* Its columns are a, b: is that line/,
    );
    await expect(proposeSchema(join(temporaryFolder({ 't.json': '[]' }), 't.json'))).rejects.toThrow(
      /a table with rows, received one without any\.$/,
    );
  });

  it('takes integers for classes where the file says so, or what they are called, and else for numbers', async () => {
    const { targets, manifest, columns } = await proposeSchema(fixture('class-labels.parquet'));
    const grade = { kind: 'category', binding: { column: 'grade', as: 'value' }, labels: ['ripe', 'raw', 'rotten'] };
    expect([targets.grade, columns[1].kind]).toEqual([grade, 'category']);
    expect(await (await openManifest(fixture('class-labels.parquet'), manifest)).get(1)).toMatchObject({
      targets: { grade: 1 }, // the index of a class
    });
    const csv = (name: string, value: (row: number) => number) =>
      join(
        temporaryFolder({
          't.csv': `note,${name}\n${many((row) => `a text ${row},${value(row as number)}`).join('\n')}`,
        }),
        't.csv',
      );
    const eleven = (row: number) => row % 11;
    const target = async (name: string, value = eleven) =>
      Object.values((await proposeSchema(csv(name, value))).targets)[0];
    const counted = Array.from({ length: 11 }, (_, index) => String(index));
    expect(await target('cls')).toEqual({ kind: 'category', binding: { column: 'cls', as: 'text' }, labels: counted });
    expect(await target('label', (row) => 3 * (row % 4))).toMatchObject({ labels: ['0', '3', '6', '9'] });
    expect(await target('y')).toMatchObject({ kind: 'category' });
    expect(await target('y', (row) => 3 * (row % 4))).toMatchObject({ kind: 'number' });
    expect(await target('label', (row) => row / 3)).toMatchObject({ kind: 'number' });
    expect(await target('rooms')).toMatchObject({ kind: 'number' });
  });

  it('knows who rows are of, and the folder in which files lie that do not lie beside their table', async () => {
    const header = 'client_id\tpath\tsentence\tup_votes\n';
    const rows = (of: number) =>
      many((row) => `c${Number(row) % of}\t${Number(row) % 2}.mp3\tSo said ${row}\t2`).join('\n');
    const clips = { 'clips/0.mp3': '', 'clips/1.mp3': '', 'other/0.mp3': '' };
    const folder = temporaryFolder({ 't.tsv': header + rows(7), 'few.tsv': header + rows(3), ...clips });
    const schema = await proposeSchema(join(folder, 't.tsv'));
    expect([schema.group, schema.manifest.root]).toEqual(['client_id', 'clips']);
    expect(schema.columns.map(({ role }) => role)).toEqual(['group', 'slot', 'target', 'none']);
    expect(schema.columns[1].files).toEqual({ looked: 40, found: 40 });
    const manifest = await openManifest(join(folder, 't.tsv'), schema.manifest);
    expect(await manifest.get(3)).toMatchObject({ file: join(folder, 'clips/1.mp3') });
    expect((await proposeSchema(join(folder, 'few.tsv'))).group).toBeUndefined();
  });

  it('says which files are not there, and which rows cannot be read', async () => {
    const rows = many((row) => `${(row as number) % 4}.png,${row}`).join('\n');
    const folder = temporaryFolder({ 't.csv': `photo,price\n${rows}\n"one`, '0.png': '', '2.png': '' });
    const { columns, faults } = await proposeSchema(join(folder, 't.csv'));
    expect(columns[0].files).toMatchObject({ looked: 40, found: 20 });
    expect(columns[0].files?.fault?.message).toMatch(/t\.csv, line 3, column "photo": expected a file .*"1\.png"/);
    expect(columns[1].files).toBeUndefined();
    expect(faults.count).toBe(1);
    expect(faults.first[0].message).toContain('line 42');
  });

  it('proposes conversations, in each of their forms, which openManifest reads', async () => {
    const turns = (index: number) => [
      { from: 'human', value: '<image>\nWhat is it?' },
      { from: 'gpt', value: `A ${index}.` },
    ];
    const llava = many((row) => ({
      id: `q${row}`,
      picture: 'no',
      image: 'a.png',
      conversations: turns(row as number),
    }));
    const asked = many((row) => ({ instruction: `What is ${row}?`, input: { image: 'a.png' }, output: 'A cube.' }));
    const chats = many((row) => ({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', image: 'a.png' },
            { type: 'text', text: `What is ${row}?` },
          ],
        },
        { role: 'assistant', content: 'A cube.' },
      ],
    }));
    const folder = temporaryFolder({
      'llava.json': JSON.stringify(llava),
      'chats.jsonl': chats.map((row) => JSON.stringify(row)).join('\n'),
      'asked.jsonl': asked.map((row) => JSON.stringify(row)).join('\n'),
      'a.png': '',
    });
    for (const [file, form, ignore] of [
      ['llava.json', 'llava', ['picture']],
      ['asked.jsonl', 'instruction', undefined],
      ['chats.jsonl', 'messages', undefined],
    ] as const) {
      const { conversation, slots, targets, manifest, columns } = await proposeSchema(join(folder, file));
      expect(conversation).toMatchObject({ slot: 'text', values: { image: 'image' } });
      expect(slots.text.binding).toEqual({ conversation: form, values: { image: 'image' }, ...(ignore && { ignore }) });
      expect(targets).toEqual({});
      expect(columns.filter(({ role }) => role === 'none').map(({ column }) => column)).toEqual(ignore ?? []);
      const opened = await openManifest(join(folder, file), manifest);
      expect(opened.length).toBe(40);
      const [, answer] = (await opened.get(3)).text as { role: string; content: string }[];
      expect(answer).toEqual({ role: 'assistant', content: form === 'llava' ? 'A 3.' : 'A cube.' });
    }
    // answers in one word each name no rows
    const counted = many((row) => ({ instruction: `How many are ${row}?`, output: `${row}`, key: `k${row}` }));
    const path = join(temporaryFolder({ 't.json': JSON.stringify(counted) }), 't.json');
    const { manifest, slots } = await proposeSchema(path);
    expect([manifest.id, slots.text.binding]).toEqual(['key', { conversation: 'instruction', values: {} }]);
    // a damaged row is a fault of its own, and makes the others no less conversations
    const damaged = JSON.stringify([...llava.slice(0, 9), { id: 'q9', conversations: 'lost' }]);
    const broken = join(temporaryFolder({ 't.json': damaged, 'a.png': '' }), 't.json');
    const { conversation } = await proposeSchema(broken);
    expect([conversation?.binding.conversation, conversation?.why]).toEqual([
      'llava',
      expect.stringContaining('9 of 10 cells'),
    ]);
    // what is asked for is learned
    expect(
      (await proposeSchema(join(folder, 'asked.jsonl'), { target: 'output' }).catch((error) => error)).message,
    ).toMatch(/output/);
  });
});
