import { useCallback, useEffect, useId, useState } from 'react';
import { api, type Run, type Scenario } from '../api.ts';
import { attempt } from '../store.ts';
import { ago } from '../text/dates.ts';
import { Panel } from './Panel.tsx';

const SPEEDS = [1, 5, 20, 60];
const POLL_MS = 2_000;

/** Failures to practise on: start, speed up, fix, end. */
export function Scenarios() {
  const [scenarios, setScenarios] = useState<readonly Scenario[]>([]);
  const [runs, setRuns] = useState<readonly Run[]>([]);
  const [speed, setSpeed] = useState(1);
  const [drill, setDrill] = useState(false);
  const id = useId();

  const look = useCallback(async () => setRuns((await api.runs()).runs), []);
  useEffect(() => {
    attempt(api.scenarios().then((answer) => setScenarios(answer.scenarios)));
    attempt(look());
    const timer = setInterval(() => look().catch(() => undefined), POLL_MS);
    return () => clearInterval(timer);
  }, [look]);

  const act = (work: Promise<unknown>) => attempt(work.then(look));
  const active = runs.filter((run) => run.state !== 'ended' && run.state !== 'over');
  return (
    <Panel title="Practise a failure">
      <div className="scenarios">
        <p>The simulated cluster breaks, the alert fires, and the responder answers in the channel.</p>
        <div className="scenario-how">
          <label htmlFor={id}>Time runs</label>
          <select
            id={id}
            className="select"
            value={speed}
            onChange={(event) => {
              setSpeed(Number(event.target.value));
              act(api.speed(Number(event.target.value)));
            }}
          >
            {SPEEDS.map((factor) => (
              <option key={factor} value={factor}>
                {factor === 1 ? 'as it is' : `${factor} times as fast`}
              </option>
            ))}
          </select>
          <label>
            <input type="checkbox" checked={drill} onChange={(event) => setDrill(event.target.checked)} /> Mark as drill
          </label>
        </div>
        {active.length > 0 && <h3>Going on</h3>}
        {active.map((run) => (
          <section key={run.id} className="run">
            <strong>{run.title}</strong>
            <small>
              {run.state} · {run.firing} firing · started {ago(new Date(run.startedAt))}
              {run.drill ? ' · drill' : ''}
            </small>
            {run.problem && <p className="input-error">{run.problem}</p>}
            <span className="actions">
              <button
                type="button"
                className="button button-primary"
                title={run.fix}
                onClick={() => act(api.healRun(run.id))}
              >
                Apply the fix
              </button>
              <button type="button" className="button button-default" onClick={() => act(api.endRun(run.id))}>
                End
              </button>
            </span>
          </section>
        ))}
        <h3>Failures</h3>
        {scenarios.map((scenario) => (
          <section key={scenario.id} className="scenario">
            <div>
              <strong>{scenario.title}</strong>
              <p>{scenario.about}</p>
            </div>
            <button
              type="button"
              className="button button-default"
              aria-label={`Start ${scenario.title}`}
              onClick={() => act(api.startScenario(scenario.id, drill))}
            >
              Start
            </button>
          </section>
        ))}
      </div>
    </Panel>
  );
}
