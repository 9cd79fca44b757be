import type { CommandWords, OptionWords } from './command-words';

/** A script by which fish completes `polymodal`. */
export function fishCompletion(commands: readonly CommandWords[]): string {
  const places = commands.map(({ place }) => place).filter((place) => place !== '');
  return `# Completion of polymodal for fish. In ~/.config/fish/config.fish: polymodal completion fish | source
function __polymodal_place
  set -l place ''
  for word in (commandline -opc)[2..]
    switch "$place/$word"
      case ${places.join(' ')}
        set place "$place/$word"
    end
  end
  echo "$place"
end
function __polymodal_at
  test (__polymodal_place) = "$argv[1]"
end
${commands.flatMap(completions).join('\n')}
`;
}

function completions({ place, options, commands, choices }: CommandWords): string[] {
  const at = `complete -c polymodal -n '__polymodal_at "${place}"'`;
  return [
    ...commands.map(({ name, description }) => `${at} -f -a ${name} -d ${quoted(description)}`),
    ...(choices.length > 0 ? [`${at} -f -a ${quoted(choices.join(' '))}`] : []),
    ...options.map((option) => `${at} ${flags(option)} -d ${quoted(option.description)}`),
  ];
}

function flags({ long, short, takesValue, choices }: OptionWords): string {
  const names = [`-l ${long.slice(2)}`, short && `-s ${short.slice(1)}`].filter(Boolean).join(' ');
  if (choices.length > 0) return `${names} -x -a ${quoted(choices.join(' '))}`;
  return takesValue ? `${names} -r` : names;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
