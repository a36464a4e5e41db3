import { Long, LongView } from '../parts/long.tsx';
import { SectionTable } from '../parts/section.tsx';
import { turn } from '../state.ts';

const advice = new Long('advise');

/** Every known optimisation tried on this job, on request: it plans the job some dozens of times. */
export function AdviceView() {
  const found = advice.answer.value;
  return (
    <LongView
      long={advice}
      title="Try every known optimisation"
      about="Plans the job with each of them, then with those that combine: some forty plans. The page goes on meanwhile."
    >
      {found !== null && found.items.length > 0 && (
        <section class="section" data-section="apply">
          <h2>Apply one to the spec</h2>
          <ul class="apply">
            {found.items.map(({ id, title, edits }) => (
              <li key={id}>
                <button type="button" onClick={() => void turn(edits)} aria-label={`Apply ${title}`}>
                  Apply
                </button>{' '}
                {title}
              </li>
            ))}
          </ul>
        </section>
      )}
      {found?.sections.map((s) => (
        <SectionTable key={s.id} section={s} />
      ))}
    </LongView>
  );
}
