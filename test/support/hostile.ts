import { readFileSync } from 'node:fs';

/** Names that would do something where a page took them for more than text. */
export const HOSTILE: readonly string[] = [
  '<script>window.ran=1;alert(1)</script>',
  '<img src=x onerror=window.ran=1>',
  '"><svg onload=window.ran=1>',
  'javascript:window.ran=1//',
  "'};window.ran=1;//\u0024{window.ran=1}",
  'bell\u0007 and \u001b[31mescape\u0000\u202e\u2028',
];
export const LONG = 'x'.repeat(10_000);

/** Two leaves and a spine as files of every kind that a page takes; every name in them is made of hostile ones. */
export function hostileFiles(names: readonly string[]): [name: string, text: string][] {
  let next = 0;
  const pick = (): string => names[next++ % names.length]!;
  const csv = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const leaves = [0, 1].map((i) => `${pick()} leaf${i}`);
  const hosts = [0, 1, 2, 3].map((i) => `${pick()} node${i}`);
  const spine = `${pick()} spine`;
  const links = leaves.flatMap((leaf, l) => [
    ...[0, 1].map((h) => `${csv(hosts[2 * l + h]!)},1,${csv(leaf)},${h + 1},400 Gb/s`),
    `${csv(leaf)},9,${csv(spine)},${l + 1},400 Gb/s`,
  ]);
  return [
    ['links.csv', `a,a_port,b,b_port,rate\n${links.join('\n')}\n`],
    ['net.json', JSON.stringify([netq(leaves, hosts, spine)])],
    ['dump.ibnetdiscover', ibnetdiscover(pick)],
    [
      'run.csv',
      `step,loss,${names.map(csv).join(',')}\n${rows((i) => `${i},${9 - i / 99},${names.map(csv).join(',')}`)}`,
    ],
    ['run.jsonl', rows((i) => JSON.stringify({ _step: i, loss: 9 - i / 99, [pick()]: pick() }))],
    [
      'run.log',
      rows(
        (i) => ` [${lineOf(pick())}] iteration ${i}/ 99 | lm loss: ${9 - i / 99} | ${lineOf(pick())}: 1 |`,
      ),
    ],
    ['matrix.csv', `from,to,bytes\n${hosts.map((h) => `${csv(h)},${csv(hosts[0]!)},1000`).join('\n')}\n`],
    ['anything.txt', names.join('\n')],
    [
      `${lineOf(names[1 % names.length]!)
        .slice(0, 200)
        .replaceAll('/', '_')}.yaml`,
      names.map((n) => `${JSON.stringify(n)}: ${JSON.stringify(n)}\n`).join(''),
    ],
  ];
}

/** A format of lines and quotes holds neither a break nor a quote within a name. */
const lineOf = (name: string): string => name.replace(/[\n\r\u2028"]/g, "'");

const rows = (row: (i: number) => string): string =>
  `${Array.from({ length: 60 }, (_, i) => row(i + 1)).join('\n')}\n`;

function ibnetdiscover(pick: () => string): string {
  const renamed = new Map<string, string>();
  return readFileSync('test/fixtures/irregular.ibnetdiscover', 'utf8').replace(
    /rack\d+-leaf|row-spine\d+|gpu\d+(?= mlx)/g,
    (name) => {
      if (!renamed.has(name)) renamed.set(name, `${lineOf(pick())} ${name}`);
      return renamed.get(name)!;
    },
  );
}

function netq(leaves: readonly string[], hosts: readonly string[], spine: string): object {
  const device = (id: string, kind: string, name: string): object => ({ id, device_type: kind, name });
  const cable = (a: string, portA: string, b: string, portB: string): object => ({
    interfaces: [
      { node_id: a, interface_name: portA },
      { node_id: b, interface_name: portB },
    ],
  });
  const nodes = [
    ...leaves.map((name, l) => device(`l${l}`, 'switch', name)),
    device('s', 'switch', spine),
    ...hosts.map((name, h) => device(`h${h}`, 'host', name)),
  ];
  const links = leaves.flatMap((_, l) => [
    ...[0, 1].map((h) => cable(`h${2 * l + h}`, 'eth0', `l${l}`, `swp${h + 1}`)),
    cable(`l${l}`, 'swp9', 's', `swp${l + 1}`),
  ]);
  return { nodes: [{ compounded_nodes: nodes }], links: [{ compounded_links: links }] };
}
