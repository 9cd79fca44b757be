import { dirname } from 'node:path';
import { FileFormatError, isRecord, SampleError } from '@polymodal/core';
import { z } from 'zod';
import type { SourceFile } from '../files/source-file';
import type { RowOrFault, Table } from '../table/table';

/** What a file of instances has, of which the rest is not read: polygons, licences, sizes. */
const instances = z.object({
  images: z.array(z.object({ id: z.union([z.int(), z.string()]), file_name: z.string().min(1) })),
  annotations: z.array(
    z.object({
      image_id: z.union([z.int(), z.string()]),
      category_id: z.int(),
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      iscrowd: z.union([z.literal(0), z.literal(1), z.boolean()]).optional(),
    }),
  ),
  categories: z.array(z.object({ id: z.int(), name: z.string().min(1) })),
});

/** It is read as one text, which in Node is shorter than 2²⁹ characters: the 448 MB of COCO's own training part are fewer. */
const mostBytes = 500 * 2 ** 20;

/**
 * The pictures of a file as COCO has it (Lin et al. 2014), `instances_train.json`: a row for each, with its `file_name` and its `objects`,
 * `{ bbox, categories }`, each box as [x, y, width, height], and the names of categories, whose ids may have gaps. A picture without annotations
 * has an empty list. Boxes around crowds are left out, with a remark, as those who learn from COCO do.
 *
 * @throws FileFormatError for a file that is none, as a whole; an annotation of a category that there is not is a fault of its row
 */
export async function cocoTable(file: SourceFile): Promise<Table> {
  const { images, annotations, categories } = await read(file);
  const names = new Map(categories.map(({ id, name }) => [id, name]));
  const rows = new Map(images.map(({ id, file_name }) => [id, { name: file_name, boxes: [] as Box[] }]));
  if (rows.size < images.length) throw wrong(file.path, 'images', 'ids that differ', 'two pictures with the same id');
  if (names.size < categories.length) throw wrong(file.path, 'categories', 'ids that differ', 'two with the same id');
  let crowds = 0;
  for (const [index, { image_id, category_id, bbox, iscrowd }] of annotations.entries()) {
    const row = rows.get(image_id);
    const place = `annotations[${index}].image_id`;
    if (!row) throw wrong(file.path, place, 'the id of one of the images', JSON.stringify(image_id));
    if (iscrowd) crowds++;
    else row.boxes.push({ bbox, category: category_id, index });
  }
  const all = [...rows.values()];
  const where = (index: number) => `${file.path}, images[${index}]`;
  return {
    name: file.path,
    columns: ['file_name', 'objects'],
    length: all.length,
    classes: { objects: [...new Set(names.values())] },
    remarks:
      crowds > 0 ? [`${file.path}: ${crowds} of ${annotations.length} boxes are around crowds, and left out.`] : [],
    read: async (index) => cellsOf(all[index], names, file.path),
    folder: () => dirname(file.path),
    id: (index) => String(images[index].id),
    where,
  };
}

/** A box of a picture, and which of the annotations it is. */
interface Box {
  readonly bbox: readonly number[];
  readonly category: number;
  readonly index: number;
}

function cellsOf(
  { name, boxes }: { readonly name: string; readonly boxes: readonly Box[] },
  names: ReadonlyMap<number, string>,
  path: string,
): RowOrFault {
  const unknown = boxes.find(({ category }) => !names.has(category));
  if (!unknown)
    return [name, { bbox: boxes.map(({ bbox }) => bbox), categories: boxes.map((own) => names.get(own.category)) }];
  return new SampleError({
    where: `${path}, annotations[${unknown.index}].category_id`,
    expected: 'the id of one of the categories',
    received: String(unknown.category),
  });
}

async function read(file: SourceFile): Promise<z.output<typeof instances>> {
  if (file.length > mostBytes) {
    const hint = 'Leave out its segmentations, or write a line of JSONL for each picture.';
    throw wrong(
      file.path,
      '',
      `at most ${mostBytes} bytes of annotations, which are read as one`,
      String(file.length),
      hint,
    );
  }
  const bytes = await file.read(0, file.length);
  const value = parsed(new TextDecoder().decode(bytes), file.path); // without a mark of byte order
  const result = instances.safeParse(value);
  if (result.success) return result.data;
  if (!isRecord(value) || !Object.keys(instances.shape).some((key) => Object.hasOwn(value, key))) {
    const keys = isRecord(value) ? Object.keys(value).join(', ').slice(0, 80) : '';
    const received = keys === '' ? 'neither' : `an object with ${keys}`;
    const expected =
      'a list of objects in JSON: [{ … }, { … }], or the instances of COCO: { images, annotations, categories }';
    throw wrong(file.path, '', expected, received);
  }
  const [{ path, message }] = result.error.issues;
  const place = path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .slice(1);
  const hint = 'An object in a .json is read as the annotations of COCO; a table is a list of objects: [{ … }, { … }].';
  throw wrong(file.path, place, 'the instances of COCO: { images, annotations, categories }', message, hint);
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrong(path, '', 'JSON', error instanceof Error ? error.message : String(error));
  }
}

function wrong(path: string, place: string, expected: string, received: string, hint?: string): FileFormatError {
  return new FileFormatError({ where: place ? `${path}, ${place}` : path, expected, received, ...(hint && { hint }) });
}
