import type { Knob } from '../../spec/knobs.ts';
import { knobs, turn } from '../state.ts';

/** What people vary, as sliders: each stop is a spec of its own. */
export function Knobs() {
  return (
    <div class="knobs">
      {knobs.value.map((knob) => (
        <Slider key={knob.id} knob={knob} />
      ))}
    </div>
  );
}

function Slider({ knob }: { readonly knob: Knob }) {
  const { id, title, stops, at } = knob;
  const now = stops[at]?.label ?? 'as written';
  return (
    <div class="knob">
      <label for={`knob-${id}`}>{title}</label>
      <output for={`knob-${id}`}>{now}</output>
      <input
        id={`knob-${id}`}
        type="range"
        min={0}
        max={stops.length - 1}
        step={1}
        value={Math.max(0, at)}
        aria-valuetext={now}
        onInput={(event) => {
          const stop = stops[Number(event.currentTarget.value)];
          if (stop !== undefined) void turn(stop.edits);
        }}
      />
    </div>
  );
}
