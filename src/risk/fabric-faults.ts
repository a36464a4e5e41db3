import type { Catalog } from '../catalog/types.ts';
import type { Fabric } from '../fabric/types.ts';
import { TRAITS } from './components.ts';
import { DAY, MONTH, totalRate } from './failures.ts';
import type { ComponentRate, FabricFault, FabricFaults, FaultKind, Replan } from './types.ts';

/** What is taken out for each kind, and how many of them the fabric has. */
interface Case {
  readonly kind: FaultKind;
  readonly parts: readonly string[];
  readonly count: number;
}

/**
 * Every kind of part failing once on this design: the busiest of its kind is taken out, the traffic goes another way, routes are
 * made anew and the step is timed again (`replan`). Beside the slowdown stands how often that kind fails on this fabric, and what
 * both cost together until it is repaired. `load` is seconds of a step on each link.
 */
export async function priceFabricFaults(
  fabric: Fabric,
  load: ArrayLike<number>,
  rates: readonly ComponentRate[],
  replan: Replan,
  catalog: Catalog,
): Promise<FabricFaults> {
  const base = await replan([]);
  const repair = catalog.get('risk.network.repair').value;
  const faults: FabricFault[] = [];
  for (const { kind, parts, count } of faultCases(fabric, load)) {
    const perDay = ratePerDay(kind, count, rates, catalog);
    const common = { kind, part: parts.join(', '), count, perDay };
    const after = kind === 'node' ? null : await replan(parts);
    if (after === null || after.cutOff > 0 || after.unrouted > 0) {
      faults.push({
        ...common,
        outcome: 'stops',
        stepSeconds: null,
        slowdown: null,
        diverted: 0,
        lostShare: null,
      });
      continue;
    }
    const slowdown = after.stepSeconds / base.stepSeconds;
    faults.push({
      ...common,
      outcome: 'goes on',
      stepSeconds: after.stepSeconds,
      slowdown,
      diverted: after.diverted,
      lostShare:
        perDay === null ? null : -Math.expm1((-perDay / DAY) * repair) * Math.max(0, 1 - 1 / slowdown),
    });
  }
  return { stepSeconds: base.stepSeconds, repair, faults };
}

/** Failures a day of `count` parts of a kind; null where nobody has published a rate. */
function ratePerDay(
  kind: FaultKind,
  count: number,
  rates: readonly ComponentRate[],
  catalog: Catalog,
): number | null {
  if (kind === 'plane') return null;
  if (kind === 'nic') return totalRate(rates.filter((r) => r.component === 'nic'));
  if (kind === 'node') return totalRate(rates.filter((r) => TRAITS[r.component].evicts));
  const id = kind === 'nic-link' || kind === 'switch-link' ? 'risk.link.failures' : 'risk.switch.failures';
  return (count * catalog.get(id).value) / MONTH;
}

/** The busiest part of every kind that the fabric has. */
function faultCases(fabric: Fabric, load: ArrayLike<number>): Case[] {
  const cases: Case[] = [];
  const { endpoints, names } = fabric;
  const nic = busiest(fabric, load, (l) => fabric.linkFrom[l]! < endpoints);
  if (nic !== null) {
    const endpoint = fabric.linkFrom[nic.link]!;
    cases.push({ kind: 'nic-link', parts: [cable(fabric, nic.link)], count: nic.count });
    cases.push({ kind: 'nic', ...wholeNic(fabric, endpoint) });
  }
  const inner = busiest(
    fabric,
    load,
    (l) => fabric.linkFrom[l]! >= endpoints && fabric.linkDirection[l] === 1,
  );
  if (inner !== null)
    cases.push({ kind: 'switch-link', parts: [cable(fabric, inner.link)], count: inner.count });
  for (const [tier, kind] of [
    [1, 'leaf'],
    [2, 'spine'],
    [3, 'core'],
  ] as const) {
    const found = busiestSwitch(fabric, load, tier);
    if (found !== null) cases.push({ kind, parts: [`${kind}:${names[found.node]!}`], count: found.count });
  }
  if (fabric.planes > 1) cases.push({ kind: 'plane', parts: ['plane:0'], count: fabric.planes });
  cases.push({ kind: 'node', parts: [], count: fabric.hosts.count });
  return cases;
}

/** All ports of the NIC that an endpoint is one of, and the NICs of the fabric. */
function wholeNic({ hosts, endpoints, names }: Fabric, endpoint: number) {
  const parts: string[] = [];
  const nics = new Set<string>();
  for (let e = 0; e < endpoints; e++) {
    if (hosts.of[e]! < 0) continue;
    nics.add(`${hosts.of[e]} ${hosts.nic[e]}`);
    if (hosts.of[e] === hosts.of[endpoint] && hosts.nic[e] === hosts.nic[endpoint])
      parts.push(`node:${names[e]!}`);
  }
  return { parts, count: nics.size };
}

/** One end and its port name one cable, also among parallel ones. */
function cable(fabric: Fabric, link: number): string {
  return `link:${fabric.names[fabric.linkFrom[link]!]!}:${fabric.linkPort[link]}`;
}

function busiest(fabric: Fabric, load: ArrayLike<number>, is: (link: number) => boolean) {
  let link = -1;
  let count = 0;
  for (let l = 0; l < fabric.links; l++) {
    if (fabric.linkAlive[l] === 0 || !is(l)) continue;
    count++;
    if (link < 0 || load[l]! > load[link]!) link = l;
  }
  return link < 0 ? null : { link, count };
}

/** The switch of a tier through whose links most time passes. */
function busiestSwitch(fabric: Fabric, load: ArrayLike<number>, tier: number) {
  let node = -1;
  let most = -1;
  let count = 0;
  for (let n = fabric.endpoints; n < fabric.nodes; n++) {
    if (fabric.tier[n] !== tier) continue;
    let sum = 0;
    let lives = false;
    for (let l = fabric.linkStart[n]!; l < fabric.linkStart[n + 1]!; l++) {
      if (fabric.linkAlive[l] === 0) continue;
      lives = true;
      sum += load[l]! + load[fabric.linkReverse[l]!]!;
    }
    if (!lives) continue;
    count++;
    if (sum > most) {
      most = sum;
      node = n;
    }
  }
  return node < 0 ? null : { node, count };
}
