/** Fields of one line of comma-separated values; quotes keep commas, and a doubled quote is one. */
export function csvFields(line: string): string[] {
  if (!line.includes('"')) return line.split(',').map((x) => x.trim());
  const values: string[] = [];
  let value = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (quoted && c === '"' && line[i + 1] === '"') value += line[++i]!;
    else if (c === '"') quoted = !quoted;
    else if (c === ',' && !quoted) {
      values.push(value.trim());
      value = '';
    } else value += c;
  }
  return [...values, value.trim()];
}
