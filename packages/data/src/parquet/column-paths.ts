import { type FileMetaData, parquetSchema, type SchemaElement, type SchemaTree } from 'hyparquet';

/** The paths of columns, as metadata of groups name them, whose rows may have several values. */
export function repeatedColumns(metadata: FileMetaData): ReadonlySet<string> {
  const found = (tree: SchemaTree, isWithin: boolean): string[] => {
    const isRepeated = isWithin || tree.element.repetition_type === 'REPEATED';
    if (tree.children.length === 0) return isRepeated ? [tree.path.join('.')] : [];
    return tree.children.flatMap((child) => found(child, isRepeated));
  };
  return new Set(parquetSchema(metadata).children.flatMap((child) => found(child, false)));
}

/** The columns of bytes, by themselves or as Hugging Face has them, of which the file says that no row is without. */
export function bytesEverywhere(metadata: FileMetaData): string[] {
  const isBytes = ({ type, converted_type, logical_type }: SchemaElement) =>
    type === 'BYTE_ARRAY' && converted_type === undefined && logical_type === undefined;
  const isFull = (path: string) =>
    metadata.row_groups.every(({ columns }) => {
      const own = columns.find(({ meta_data }) => meta_data?.path_in_schema.join('.') === path);
      return own?.meta_data?.statistics?.null_count === 0n;
    });
  return parquetSchema(metadata).children.flatMap(({ element, children }) => {
    const bytes = children.find((child) => child.element.name === 'bytes');
    const [leaf, path] = bytes ? [bytes.element, `${element.name}.bytes`] : [element, element.name];
    const isRepeated = element.repetition_type === 'REPEATED' || (children.length > 0 && !bytes);
    return !isRepeated && isBytes(leaf) && isFull(path) ? [element.name] : [];
  });
}
