import type { Catalog } from '../catalog/types.ts';
import { costOf } from './design.ts';
import type { TopologyRow } from './types.ts';

type Counts = Omit<TopologyRow, 'costUsd' | 'costPerEndpoint'>;

/**
 * Full networks of five kinds from switches of one radix, by their closed forms, at the catalog's two prices. As in
 * Zhao et al., Insights into DeepSeek-V3, ISCA 2025, table 3 (radix 64, 8 planes). Links are switch to switch; hops
 * count the switches of the longest shortest path. A kind that the radix is too small for is left out.
 */
export function compareTopologies(radix: number, planes: number, catalog: Catalog): TopologyRow[] {
  const rows = [
    fatTree2(radix),
    multiPlane(radix, planes),
    fatTree3(radix),
    slimFly(radix),
    dragonfly(radix),
  ];
  return rows.flatMap((row) => {
    if (row === null || row.endpoints === 0) return [];
    const costUsd = costOf(catalog, row.switches, row.links);
    return [{ ...row, costUsd, costPerEndpoint: costUsd / row.endpoints }];
  });
}

/** k leaves of k/2 endpoints, k/2 spines: k^2/2 endpoints and links (Al-Fares, Loukissas, Vahdat, SIGCOMM 2008). */
function fatTree2(radix: number): Counts {
  const half = Math.floor(radix / 2);
  const leaves = 2 * half;
  return {
    id: 'FT2',
    title: 'fat-tree, 2 layers',
    endpoints: leaves * half,
    switches: leaves + half,
    links: leaves * half,
    worstHops: 3,
    note: `${leaves} leaves, ${half} spines`,
  };
}

/** So many independent two-layer planes. */
function multiPlane(radix: number, planes: number): Counts {
  const one = fatTree2(radix);
  return {
    id: 'MPFT',
    title: `multi-plane fat-tree, ${planes} planes`,
    endpoints: planes * one.endpoints,
    switches: planes * one.switches,
    links: planes * one.links,
    worstHops: one.worstHops,
    note: 'NIC i of a node on plane i; from plane to plane through the node',
  };
}

/** k pods of k/2 leaves and k/2 spines, k^2/4 cores: k^3/4 endpoints, 5k^2/4 switches, k^3/2 links. */
function fatTree3(radix: number): Counts {
  const half = Math.floor(radix / 2);
  const pods = 2 * half;
  return {
    id: 'FT3',
    title: 'fat-tree, 3 layers',
    endpoints: pods * half * half,
    switches: 2 * pods * half + half * half,
    links: 2 * pods * half * half,
    worstHops: 5,
    note: `${pods} pods, ${half * half} cores`,
  };
}

/**
 * Slim Fly on a McKay-Miller-Siran graph (Besta and Hoefler, SC 2014): q = 4w + d with d in {-1, 0, 1}, 2q^2 routers of
 * network radix (3q - d)/2 and half as many endpoints each, rounded up; diameter 2. The largest q that fits the
 * radix is taken. The graph exists for prime powers q only; the published comparison counts with q = 28, which is
 * none, and so does this row, saying so. Null below q = 3.
 */
export function slimFly(radix: number): Counts | null {
  let best = 0;
  for (let q = 3; slimFlyPorts(q) <= radix || q % 4 === 2; q++) if (q % 4 !== 2) best = q;
  if (best === 0) return null;
  const network = slimFlyDegree(best);
  const endpoints = Math.ceil(network / 2);
  const switches = 2 * best * best;
  const exists = isPrimePower(best) ? '' : '; no such graph is known, as q is not a power of a prime';
  return {
    id: 'SF',
    title: 'Slim Fly',
    endpoints: switches * endpoints,
    switches,
    links: (switches * network) / 2,
    worstHops: 3,
    note: `q = ${best}, ${network} ports between switches and ${endpoints} to endpoints${exists}`,
  };
}

/** Ports between switches: (3q - d)/2. */
export function slimFlyDegree(q: number): number {
  const d = q % 4 === 3 ? -1 : q % 4;
  return (3 * q - d) / 2;
}

function slimFlyPorts(q: number): number {
  return slimFlyDegree(q) + Math.ceil(slimFlyDegree(q) / 2);
}

/**
 * Canonical dragonfly (Kim, Dally, Scott and Abts, ISCA 2008): p = h = a/2 with p + (a - 1) + h <= k. Group count
 * a*h - 1 as in the published comparison, where a*h + 1 would fit; all global ports are cabled. Null below k = 3.
 */
export function dragonfly(radix: number): Counts | null {
  const h = Math.floor((radix + 1) / 4);
  if (h < 1) return null;
  const a = 2 * h;
  const groups = a * h - 1;
  const switches = a * groups;
  return {
    id: 'DF',
    title: 'dragonfly',
    endpoints: h * switches,
    switches,
    links: (groups * a * (a - 1)) / 2 + (groups * a * h) / 2,
    worstHops: 4,
    note: `${groups} groups of ${a} switches, ${h} endpoints and ${h} global ports each; ${a * h + 1} groups would fit`,
  };
}

function isPrimePower(q: number): boolean {
  let p = 2;
  while (q % p !== 0) p++;
  let rest = q;
  while (rest % p === 0) rest /= p;
  return rest === 1;
}
