import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { formatQuantity } from '../report/terminal.ts';
import { PRESETS } from '../spec/presets.ts';
import { takeFiles } from './drop.ts';
import { Editor } from './parts/editor.tsx';
import { Knobs } from './parts/knobs.tsx';
import { SectionTable } from './parts/section.tsx';
import {
  backToSpec,
  bare,
  drawn,
  fault,
  figures,
  keep,
  log,
  look,
  notice,
  open,
  outcomes,
  putBack,
  share,
  stage,
  view,
  without,
} from './state.ts';
import { dark, toggleTheme } from './theme.ts';
import { PAGES } from './views/pages.tsx';

export function App() {
  const over = useSignal(false);
  useDrop(over);
  const about =
    log.value !== null
      ? `Training log ${log.value.name}.`
      : bare.value !== null
        ? `${bare.value.name}, traffic ${bare.value.traffic}.`
        : null;
  return (
    <div class={over.value ? 'app over' : 'app'}>
      <a class="skip" href="#page">
        To the plan
      </a>
      <Header ofSpec={about === null} />
      <aside class="ask" aria-label="Spec">
        <Presets />
        {about === null ? (
          <>
            <Knobs />
            <Editor />
          </>
        ) : (
          <p class="note">
            {`${about} `}
            <button type="button" onClick={backToSpec}>
              Back to the spec
            </button>
          </p>
        )}
      </aside>
      <main id="page" data-outcomes={outcomes.value}>
        <Status />
        <Figures />
        <TakenOut />
        <Pages />
      </main>
    </div>
  );
}

function Header({ ofSpec }: { readonly ofSpec: boolean }) {
  return (
    <header>
      <h1>Planewright</h1>
      <p class="subtitle">{drawn.value?.title ?? ''}</p>
      <div class="tools">
        <button type="button" onClick={keep} disabled={log.value !== null}>
          Keep to compare
        </button>
        <button type="button" onClick={() => void share()} disabled={!ofSpec}>
          Link
        </button>
        <button type="button" onClick={toggleTheme} aria-pressed={dark.value}>
          Dark
        </button>
      </div>
    </header>
  );
}

function Presets() {
  return (
    <div class="presets">
      <label>
        Start from{' '}
        <select
          value=""
          onChange={(event) => {
            const preset = PRESETS[event.currentTarget.value];
            if (preset !== undefined) open(preset);
            event.currentTarget.value = '';
          }}
        >
          <option value="">an example …</option>
          {Object.keys(PRESETS).map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="file">
        or a file{' '}
        <input
          type="file"
          multiple
          aria-label="Open a spec, fabric dumps, a training log or a traffic matrix"
          onChange={(event) => {
            void takeFiles([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = '';
          }}
        />
      </label>
    </div>
  );
}

function Status() {
  return (
    <div class="status" aria-live="polite" data-busy={stage.value !== null}>
      {fault.value !== null && <p class="error">{`This is a fault of Planewright's: ${fault.value}`}</p>}
      {stage.value !== null ? `Working: ${stage.value}` : notice.value}
    </div>
  );
}

function Figures() {
  return (
    <dl class="figures">
      {figures.value.map((f) => (
        <div key={f.id}>
          <dt>{f.label}</dt>
          <dd>{formatQuantity(f.value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What is out of service, and what that changes. */
function TakenOut() {
  if (without.value.length === 0) return null;
  const effect = drawn.value?.effect;
  return (
    <div class="taken-out">
      <p>
        Out of service:{' '}
        {without.value.map((part) => (
          <button type="button" key={part} onClick={() => putBack(part)} aria-label={`Put back ${part}`}>
            {`${part} ×`}
          </button>
        ))}
      </p>
      {effect !== null && effect !== undefined && <SectionTable section={effect} />}
    </div>
  );
}

function Pages() {
  const plan = drawn.value;
  if (plan === null) return null;
  const pages = PAGES.filter((p) => p.has(plan));
  const page = pages.find((p) => p.id === view.value) ?? pages[0]!;
  return (
    <>
      <nav aria-label="Views">
        {pages.map((p) => (
          <button
            type="button"
            key={p.id}
            aria-current={p.id === page.id ? 'page' : undefined}
            onClick={() => look(p.id)}
          >
            {p.title}
          </button>
        ))}
      </nav>
      <div class="page" data-page={page.id}>
        {page.show(plan)}
      </div>
    </>
  );
}

/** Files may be dropped anywhere on the page. */
function useDrop(over: { value: boolean }): void {
  useEffect(() => {
    const leave = (): void => {
      over.value = false;
    };
    const onOver = (event: DragEvent): void => {
      event.preventDefault();
      over.value = true;
    };
    const onDrop = (event: DragEvent): void => {
      event.preventDefault();
      leave();
      void takeFiles([...(event.dataTransfer?.files ?? [])]);
    };
    addEventListener('dragover', onOver);
    addEventListener('dragleave', leave);
    addEventListener('drop', onDrop);
    return () => {
      removeEventListener('dragover', onOver);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', onDrop);
    };
  }, []);
}
