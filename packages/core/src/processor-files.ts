import type { SampleProcessors } from './prepared-sample';

/** The files that processors keep, by `processors/<slot>/<name>` and `targets/<head>/<name>`: all that they know beyond the config. */
export function processorFiles({ processors, targets }: SampleProcessors): Map<string, Uint8Array> {
  const parts = [
    ...Object.entries(processors).map(([slot, processor]) => [`processors/${slot}`, processor] as const),
    ...Object.entries(targets).map(([head, { processor }]) => [`targets/${head}`, processor] as const),
  ];
  const files = parts.flatMap(([part, processor]) =>
    Object.entries(processor.files?.() ?? {}).map(([name, content]) => [`${part}/${name}`, content] as const),
  );
  return new Map(files);
}
