import { useAnswer } from '../parts/ask.ts';
import { SectionTable } from '../parts/section.tsx';
import { drawn, keep, kept, open, subject } from '../state.ts';

/** Plans that were kept, next to the one on the page. */
export function CompareView() {
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
      {kept.value.length > 0 && (
        <ul class="kept">
          {kept.value.map((k, i) => (
            <li key={k.name}>
              <button type="button" class="link" onClick={() => open(k.text)}>
                {k.name}
              </button>{' '}
              <button
                type="button"
                class="quiet"
                aria-label={`Forget ${k.name}`}
                onClick={() => {
                  kept.value = kept.value.filter((_, at) => at !== i);
                }}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      {section !== null && <SectionTable section={section} />}
    </>
  );
}
