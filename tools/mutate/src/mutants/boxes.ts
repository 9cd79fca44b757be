import { mutantsOf } from '../mutant';

const boxes = ['packages/heads/src/boxes'];

/** Faults of boxes in pictures: how they are matched, learned, moved along with pixels, read and judged. */
export const boxFaults = [
  ...mutantsOf('packages/heads/src/boxes/box-overlap.ts', boxes, {
    'boxes: the hull counts for the overlap': [
      'tf.sub(tf.div(intersection, union), tf.div(',
      'tf.add(tf.div(intersection, union), tf.div(',
    ],
    'boxes: a middle is taken for a corner': [
      'start: tf.sub(middle, half), end: tf.add(middle, half)',
      'start: middle, end: tf.add(middle, length)',
    ],
  }),
  ...mutantsOf('packages/heads/src/boxes/box-loss.ts', boxes, {
    'boxes: queries that find nothing count as others': ['noneOf(classes, none))', 'noneOf(classes, 1))'],
    'boxes: the cross-entropy is a mean over queries': [
      'count: count + none * (rows.length * numQueries - count)',
      'count: rows.length * numQueries',
    ],
  }),
  ...mutantsOf('packages/heads/src/boxes/match-boxes.ts', boxes, {
    'boxes: queries are matched to what they overlap least': ['theirs), -giouCost)', 'theirs), giouCost)'],
  }),
  ...mutantsOf('packages/heads/src/boxes/box-decoder.ts', boxes, {
    'boxes: values know the places of tokens': [
      'tokens, mask, again, undefined, undefined, places)',
      'places ? tf.add(tokens, places) : tokens, mask, again)',
    ],
  }),
  ...mutantsOf('packages/heads/src/boxes/box-target.ts', boxes, {
    'boxes: width comes before the middle': [
      '    (left + right) / 2 / seenWidth,\n    (top + bottom) / 2 / seenHeight,\n    (right - left) / seenWidth,\n    (bottom - top) / seenHeight,',
      '    (right - left) / seenWidth,\n    (bottom - top) / seenHeight,\n    (left + right) / 2 / seenWidth,\n    (top + bottom) / 2 / seenHeight,',
    ],
  }),
  ...mutantsOf('packages/heads/src/boxes/average-precision.ts', boxes, {
    'boxes: one that is there is found twice': ['if (best >= 0) taken.add(best);', ''],
  }),
  ...mutantsOf('packages/nn/src/functional/linear-assignment.ts', ['packages/nn/src/functional/linear-assignment'], {
    'assignment: prices of columns stay as they were': ['columnPrices[column] -= length - shortest[column];', ''],
  }),
  ...mutantsOf('packages/encoder-vision/src/augmentation/flip.ts', ['packages/encoder-vision/src/placement'], {
    'pictures: boxes stay where they were as the picture is mirrored': [
      'scaleX: -1, offsetX: width,',
      'scaleX: 1, offsetX: 0,',
    ],
  }),
  ...mutantsOf('packages/encoder-vision/src/placement.ts', ['packages/encoder-vision/src/placement'], {
    'pictures: what is cut off in front is not taken from places': [
      'offsetX: left - box.left * across',
      'offsetX: left',
    ],
  }),
  ...mutantsOf('packages/data/src/coco/coco-table.ts', ['packages/data/src/table/open-table.test'], {
    'boxes around crowds are learned': ['if (iscrowd) crowds++;', 'if (!image_id && iscrowd) crowds++;'],
  }),
  ...mutantsOf('packages/data/src/schema/boxed-things.ts', ['packages/data/src/schema/propose-schema.test'], {
    'boxes of COCO are taken for corners': ['format: !names && grow', 'format: grow'],
    'categories that no picture shows are left out': ['labels: names ?? labelsOf(all)', 'labels: labelsOf(all)'],
  }),
];
