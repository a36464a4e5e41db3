import { test } from 'vitest';
import { builtin } from '../catalog/catalog.ts';
import { analyseWorkload } from '../workload/analyse.ts';
import { analyseTraffic } from './analyse.ts';
import { nodeDemand, rankDemand, bytesByOperation } from './demand.ts';
test('try', () => {
  const cat = builtin(); const model = cat.find('model', 'deepseek-v3')!;
  for (const data of [1024, 1024, 4096]) {
    const w = analyseWorkload({ model, training: {tokens: 14.8e12, sequence: 4096, batch: data*15, microbatch: 1, precision: 'fp8', recompute: 'selective'},
      parallelism: {tensor:1,pipeline:16,expert:64,data,context:1,sequence:false,zero:1,schedule:'dualpipe',virtualStages:1,order:['tensor','context','data','pipeline']}}, cat);
    if (!w.ok) throw new Error(JSON.stringify(w.issues));
    const t0 = performance.now();
    const t = analyseTraffic({workload: w.value, gpusPerNode: 8, traffic: {experts: {kind:'uniform'}, nodeLimit: 4, collective:'auto'}, experts: model.experts!, seed: 1});
    if (!t.ok) throw 1;
    const t1 = performance.now(); const d = rankDemand(t.value.transfers, w.value.ranks, 'step');
    const t2 = performance.now(); const n = nodeDemand(t.value.transfers, t.value.layout, 'step');
    const t3 = performance.now(); bytesByOperation(t.value.transfers); const t4 = performance.now();
    console.log(data, 'traffic', t1-t0, 'rank', t2-t1, d.column.length, 'node', t3-t2, n.column.length, 'sum', t4-t3);
  }
});
