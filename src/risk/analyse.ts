import type { Catalog } from '../catalog/types.ts';
import { chosenInterval, planCheckpoints } from './checkpoint.ts';
import { type Cycle, ettr, exactEttr, failureLoad, firstOrderEttr } from './ettr.ts';
import { componentRates, DAY, jobFailures, totalRate } from './failures.ts';
import type { ClosedForm, Risk, RiskInput } from './types.ts';

/** How often this job breaks, how it keeps its progress, and how much of its time is useful. */
export function analyseRisk(input: RiskInput, catalog: Catalog): Risk {
  const { job, reliability } = input;
  const rates = componentRates(reliability.failures, job);
  const perSecond = totalRate(rates) / DAY;
  const checkpoint = planCheckpoints(input, 1 / perSecond, catalog);
  const interval = chosenInterval(input, checkpoint);
  const cycle: Cycle = {
    rate: perSecond,
    interval,
    write: checkpoint.stallSeconds,
    detection: reliability.detection,
    restart: reliability.restart,
    queue: reliability.queue,
  };
  const closedForm = closed(cycle, catalog);
  const silent = catalog.get(`risk.silent.rate.${reliability.silent.rate}`).value;
  return {
    mttf: 1 / perSecond,
    checkpointInterval: interval,
    ettr: closedForm.value,
    sdcPerDay: silent * job.gpus * DAY,
    days: job.runSeconds / closedForm.value / DAY,
    failures: jobFailures(reliability.failures, job, rates, catalog),
    checkpoint,
    closedForm,
  };
}

function closed(cycle: Cycle, catalog: Catalog): ClosedForm {
  const limit = catalog.get('risk.first-order.limit').value;
  return {
    ...ettr(cycle, limit),
    firstOrder: firstOrderEttr(cycle),
    exact: exactEttr(cycle),
    load: failureLoad(cycle),
    limit,
  };
}
