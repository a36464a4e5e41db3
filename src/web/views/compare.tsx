import { ask } from '../engine.ts';
import { useAnswer } from '../parts/ask.ts';
import { SectionTable } from '../parts/section.tsx';
import {
  bare,
  drawn,
  keep,
  keepFabric,
  kept,
  keptFabrics,
  open,
  openFabric,
  subject,
  without,
} from '../state.ts';

/** What was kept, next to what is on the page: plans with plans, fabrics with fabrics. */
export function CompareView() {
  return bare.value === null ? <ComparePlans /> : <CompareFabrics />;
}

function ComparePlans() {
  const plans = [...kept.value, { ...subject.value, name: 'on the page' }];
  const section = useAnswer('compare', kept.value.length === 0 || drawn.value === null ? null : { plans });
  return (
    <>
      <p class="note">Keep a plan, change something, and see both side by side.</p>
      <p>
        <button type="button" onClick={keep}>
          Keep this plan
        </button>
      </p>
      <Kept
        names={kept.value.map((k) => k.name)}
        onOpen={(i) => open(kept.value[i]!.text)}
        onForget={(i) => {
          kept.value = kept.value.filter((_, at) => at !== i);
        }}
      />
      {section !== null && <SectionTable section={section} />}
    </>
  );
}

function CompareFabrics() {
  const here = bare.value!;
  const now = without.value.length > 0 ? `${here.name} without ${without.value.join(', ')}` : here.name;
  const fabrics = [...keptFabrics.value, { ...here, without: without.value, name: `on the page: ${now}` }];
  const sections = useAnswer(
    'compareFabrics',
    keptFabrics.value.length === 0 || drawn.value === null ? null : { fabrics },
    JSON.stringify(fabrics.map((f) => [f.name, f.text.length, f.traffic])),
  );
  return (
    <>
      <p class="note">
        The first fabric is what the others should be: what is cabled otherwise is listed as repairs, dearest
        first. Drop several dumps at once, or keep one and drop the next.
      </p>
      <p class="controls">
        <button type="button" onClick={keep}>
          Keep this fabric
        </button>
        <button
          type="button"
          onClick={() => void ask('network', { ...subject.value, without: [] }).then(keepFabric, () => {})}
        >
          Keep the network of the spec
        </button>
      </p>
      <Kept
        names={keptFabrics.value.map((k) => k.name)}
        onOpen={(i) => openFabric(keptFabrics.value[i]!)}
        onForget={(i) => {
          keptFabrics.value = keptFabrics.value.filter((_, at) => at !== i);
        }}
      />
      {keptFabrics.value.length > 0 && sections === null && (
        <p class="note" aria-live="polite">
          Comparing cable by cable.
        </p>
      )}
      {sections?.map((s) => (
        <SectionTable key={s.id} section={s} />
      ))}
    </>
  );
}

interface KeptProps {
  readonly names: readonly string[];
  readonly onOpen: (i: number) => void;
  readonly onForget: (i: number) => void;
}

function Kept({ names, onOpen, onForget }: KeptProps) {
  if (names.length === 0) return null;
  return (
    <ul class="kept">
      {names.map((name, i) => (
        <li key={name}>
          <button type="button" class="link" onClick={() => onOpen(i)}>
            {name}
          </button>{' '}
          <button type="button" class="quiet" aria-label={`Forget ${name}`} onClick={() => onForget(i)}>
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}
