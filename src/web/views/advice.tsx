import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask, Refused, Replaced } from '../engine.ts';
import { SectionTable } from '../parts/section.tsx';
import type { Advised } from '../protocol.ts';
import { edition, fault, stage, subject, turn } from '../state.ts';

/** Every known optimisation tried on this job, on request: it plans the job some dozens of times. */
export function AdviceView() {
  const found = useSignal<Advised | null>(null);
  const working = useSignal(false);
  useEffect(() => {
    found.value = null;
  }, [edition.value]);
  const run = async (): Promise<void> => {
    working.value = true;
    try {
      found.value = await ask('advise', subject.value, {
        progress: (event) => {
          stage.value = event.stage;
        },
      });
    } catch (error) {
      const known = error instanceof Replaced || error instanceof Refused;
      if (!known) fault.value = (error as Error).message;
    }
    stage.value = null;
    working.value = false;
  };
  return (
    <>
      <p>
        <button type="button" onClick={() => void run()} disabled={working.value}>
          Try every known optimisation
        </button>
      </p>
      {working.value && <p class="note">Planning the job with each of them.</p>}
      {found.value !== null && found.value.items.length > 0 && (
        <section class="section" data-section="apply">
          <h2>Apply one to the spec</h2>
          <ul class="files">
            {found.value.items.map(({ id, title, edits }) => (
              <li key={id}>
                <button type="button" class="link" onClick={() => void turn(edits)}>
                  {title}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {found.value?.sections.map((s) => (
        <SectionTable key={s.id} section={s} />
      ))}
    </>
  );
}
