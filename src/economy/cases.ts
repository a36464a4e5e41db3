import { ensure } from '../base/result.ts';
import type { Catalog, Published } from '../catalog/types.ts';
import type { ValidationCase } from '../validate/types.ts';
import { trainingEnergy } from './energy.ts';
import { eras } from './eras.ts';
import { fitTrend } from './trend.ts';

const KILO = 1000;
const HOUR = 3600;
const DAY = 86_400;
const KILOWATT_HOUR = 3_600_000;
const MEGAWATT_HOUR = KILO * KILOWATT_HOUR;

type Figures = Readonly<Record<string, number>>;

/** What trainings were said to cost and to burn, and what networks cost by our prices of their parts. */
export function economyCases(catalog: Catalog): readonly ValidationCase[] {
  return [
    ...deepSeekCases(catalog.published('DSV3.cost')),
    ...gpt3Cases(catalog.published('GPT3.energy')),
    ...llamaCases(catalog.published('L31.energy')),
    ...networkCases(catalog.published('T3')),
    ...clusterCases(catalog.published('H100.cluster')),
    ...growthCases(catalog),
  ];
}

function deepSeekCases(published: Published): ValidationCase[] {
  const value = published.value as { khours: Figures; musd: Figures } & Figures;
  const of = (key: string) => ensure((value as Figures)[key], key);
  const hours = value.khours;
  const common = { kind: 'arithmetic', source: published.source, tolerance: 0 } as const;
  const total = () => hours['pre']! + hours['context']! + hours['post']!;
  return [
    {
      ...common,
      id: 'DSV3.cost.hours',
      title: 'DeepSeek-V3: GPU hours of pre-training, context extension and post-training',
      published: hours['total']!,
      unit: 'k GPU hours',
      digits: 4,
      compute: total,
    },
    {
      ...common,
      id: 'DSV3.cost.usd',
      title: 'DeepSeek-V3: cost at the rent of an H800 in the catalog',
      published: value.musd['total']!,
      unit: 'MUSD',
      digits: 4,
      compute: ({ catalog }) => (total() * catalog.get('price.gpu-hour.h800').value) / KILO,
    },
    {
      ...common,
      id: 'DSV3.cost.pre-training',
      title: 'DeepSeek-V3: GPU hours of 14.8T tokens at 180K a trillion',
      published: hours['pre']!,
      unit: 'k GPU hours',
      digits: 4,
      compute: () => of('tokens_T') * of('khours_per_Ttokens'),
    },
    {
      ...common,
      id: 'DSV3.cost.days',
      title: 'DeepSeek-V3: days for a trillion tokens on 2,048 GPUs',
      published: of('days_per_Ttokens'),
      unit: 'd',
      digits: 2,
      compute: () => (of('khours_per_Ttokens') * KILO * HOUR) / of('gpus') / DAY,
    },
  ];
}

function gpt3Cases(published: Published): ValidationCase[] {
  const of = (key: string) => ensure((published.value as Figures)[key], key);
  const joules = () => trainingEnergy(of('gpus'), of('W'), of('days') * DAY, of('pue'));
  const common = { kind: 'arithmetic', source: published.source, tolerance: 0.01 } as const;
  const teraflop = KILO * KILO * KILO * KILO;
  return [
    {
      ...common,
      id: 'GPT3.energy.MWh',
      title: 'GPT-3: energy from GPUs, days, watts and PUE',
      published: of('MWh'),
      unit: 'MWh',
      compute: () => joules() / MEGAWATT_HOUR,
    },
    {
      ...common,
      id: 'GPT3.energy.days',
      title: 'GPT-3: days from FLOP and FLOP/s',
      published: of('days'),
      unit: 'd',
      compute: () => of('FLOP') / (of('TFLOPs') * teraflop) / of('gpus') / DAY,
    },
    {
      ...common,
      id: 'GPT3.energy.carbon',
      title: 'GPT-3: carbon of that energy on the grid of 2020',
      published: of('tCO2e'),
      unit: 't',
      compute: ({ catalog }) =>
        (joules() / KILOWATT_HOUR) * (catalog.get('carbon.grid.us-2020').value / KILO),
    },
  ];
}

function llamaCases(published: Published): ValidationCase[] {
  const of = (key: string) => ensure((published.value as Figures)[key], key);
  return [
    {
      id: 'L31.energy.carbon',
      title: 'Llama 3.1, all sizes: carbon of the GPUs’ rated power on the grid of the United States, 2023',
      kind: 'prediction',
      published: of('tCO2e'),
      unit: 't',
      source: published.source,
      tolerance: 0.15,
      note: ensure(published.note, 'note of L31.energy'),
      compute: ({ catalog }) => {
        const joules = trainingEnergy(1, of('W'), of('Mhours') * KILO * KILO * HOUR, 1);
        return (joules / KILOWATT_HOUR) * (catalog.get('carbon.grid.us').value / KILO);
      },
    },
  ];
}

/** Ports of the switches in the table, and 400 Gb/s on every one. */
const RADIX = 64;

/** The topology table's costs from prices of switches and cables that do not come from it. */
function networkCases(published: Published): ValidationCase[] {
  const rows = published.value as Readonly<Record<string, Figures>>;
  return (['FT2', 'MPFT', 'FT3', 'SF', 'DF'] as const).map((id) => {
    const row = ensure(rows[id], id);
    return {
      id: `T3.prices.${id}`,
      title: `${id}: cost from market prices of switches and cables with optics`,
      kind: 'prediction',
      published: row['cost_Musd']!,
      unit: 'MUSD',
      source: published.source,
      tolerance: 0.1,
      note: 'the table’s own prices are not published; ours are quotations of 2024 and know nothing of it',
      compute: ({ catalog }) => {
        const usd = (price: string) => catalog.get(price).value;
        const cables = row['endpoints']! + row['links']!;
        const switches = row['switches']! * RADIX * usd('price.switch.port');
        return (switches + cables * (usd('price.optics') + usd('price.cable'))) / (KILO * KILO);
      },
    };
  });
}

function clusterCases(published: Published): ValidationCase[] {
  const of = (key: string) => ensure((published.value as Figures)[key], key);
  const perNode = 8;
  return [
    {
      id: 'H100.cluster.per-gpu',
      title: '2,048 H100 with a two-layer network: USD for a GPU without the building',
      kind: 'calibration',
      published: of('usd_per_gpu') - of('facility_usd_per_node') / perNode,
      unit: 'USD',
      source: published.source,
      tolerance: 0.05,
      note: 'server, switch and cable prices were read from this sheet and others',
      compute: ({ catalog }) => {
        const usd = (price: string) => catalog.get(price).value;
        const port = usd('price.switch.port') * 3; // A leaf's two ports and a spine's one, for each GPU.
        return (
          usd('price.gpu.h100') +
          usd('price.server.hgx-h100') / perNode +
          port +
          2 * (usd('price.optics') + usd('price.cable'))
        );
      },
    },
  ];
}

/** What sources say of growth, from the series they and others give. */
function growthCases(catalog: Catalog): ValidationCase[] {
  const { energy } = eras(catalog).series;
  const said = catalog.published('eras.energy.projected');
  const of = (key: string) => ensure((said.value as Figures)[key], key);
  const at = (year: number) => ensure(energy!.find((p) => p.year === year)?.value, `energy of ${year}`);
  return [
    {
      id: 'ERAS.energy.growth',
      title: 'data centres’ energy: growth of a year, 2018 to 2024',
      kind: 'arithmetic',
      published: of('growth_percent'),
      unit: '%',
      source: said.source,
      tolerance: 0.05,
      note: 'the source says since 2017; the series has 2018',
      compute: () => fitTrend([2018, 2024].map((year) => ({ year, value: at(year) }))).growth * 100,
    },
    {
      id: 'ERAS.energy.decade',
      title: 'data centres’ energy: growth from 2010 to 2018',
      kind: 'arithmetic',
      published: of('masanet_percent'),
      unit: '%',
      source: said.source,
      tolerance: 0,
      digits: 1,
      compute: () => (at(2018) / at(2010) - 1) * 100,
    },
  ];
}
