// One event: a waterfall of all that came of it, each try with its logs, and why it did not go elsewhere.
import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { api, change, go, useStore } from "./store.js";
import { Code, Glyph, Problem, State, clock, long } from "./parts.js";
import { Verdicts } from "./verdicts.js";

export function EventDetail({ id, back }) {
  const state = useStore();
  const [event, setEvent] = useState(null);
  const [problem, setProblem] = useState("");
  const [why, setWhy] = useState(null);
  const touched = state.recent.some((each) => String(each.id) === id) || !event || event.state === "pending" || state.more > 0;
  useEffect(() => {
    if (!touched) return;
    api(`events/${id}`).then((found) => { setEvent(found); setProblem(""); }, (error) => setProblem(error.message));
  }, [id, state.version]);
  useEffect(() => {
    api(`events/${id}/why`).then(setWhy, () => setWhy(null));
  }, [id]);
  if (!event) return html`<article class="detail-pane"><button type="button" class="quiet back" onClick=${back}>← Events</button><${Problem} text=${problem} /></article>`;
  const again = () => {
    change({ draft: { on: event.rows[0].node, text: event.payload } });
    go("send", { on: event.rows[0].node });
  };
  return html`<article class="detail-pane" aria-label=${`Event ${event.id}`}>
    <header class="bar">
      <button type="button" class="quiet back" onClick=${back}>← Events</button>
      <h2>${event.what} <small class="muted">${event.source}${event.by ? `, by ${event.by}` : ""} · event ${event.id}</small></h2>
      <${State} state=${event.state} />
      <button type="button" onClick=${again}>Edit and send again</button>
    </header>
    <${Problem} text=${problem} />
    <${Waterfall} event=${event} />
    ${event.published.length ? html`<h3>Published while it was worked on</h3><ul class="plain links">${event.published.map((each) => html`<li><a href=${`#/events/${each.id}`}>${each.what}</a> by ${each.by} <${State} state=${each.state} /></li>`)}</ul>` : null}
    ${why ? html`<h3>Where it goes, and why not elsewhere</h3><${Verdicts} found=${why} />` : null}
    <h3>The event</h3><${Code} text=${event.payload} label="The event as JSON" />
  </article>`;
}

function Waterfall({ event }) {
  const { axis } = event;
  return html`<div class="waterfall">
    <div class="axis" aria-hidden="true"><span></span><div class="track">
      ${axis.ticks.map((tick) => html`<span class=${`tick${tick.at === 1 ? " last" : ""}`} style=${{ left: `${tick.at * 100}%` }}>${long(tick.seconds)}</span>`)}
      ${axis.gaps.map((gap) => html`<span class="gap" style=${{ left: `${gap.from * 100}%`, width: `${(gap.to - gap.from) * 100}%` }} title=${`${long(gap.seconds)}, drawn short`}></span>`)}
    </div></div>
    <ol class="plain" aria-label="What became of it">
      ${event.rows.map((row) => html`<${Row} key=${row.id} row=${row} gaps=${axis.gaps} />`)}
    </ol>
    ${event.more ? html`<p class="muted">${event.more} more deliveries are not shown.</p>` : null}
    ${axis.gaps.length ? html`<p class="muted">⋯ marks waiting that is drawn shorter than it was.</p>` : null}
  </div>`;
}

function Row({ row, gaps }) {
  const [open, setOpen] = useState("");
  const place = (from, to) => ({ left: `${from * 100}%`, width: `${Math.max(0, to - from) * 100}%` });
  return html`<li class="delivery">
    <div class="line">
      <span class="who" style=${{ paddingLeft: `${row.depth * 14}px` }}><${Glyph} kind=${row.kind} /> <span><span class="muted">${row.kind}</span> <a href=${`#/flow?${new URLSearchParams({ node: row.node })}`}>${row.name}</a>${row.via ? html` <span class="muted">via ${row.via}</span>` : null}</span></span>
      <div class="track" aria-hidden="true">
        <span class="life" style=${place(row.from, row.to)}></span>
        ${gaps.filter((gap) => gap.from < row.to).map((gap) => html`<span class="gap" style=${place(gap.from, gap.to)}>⋯</span>`)}
        ${row.waits.map((wait) => html`<span class="wait" style=${place(wait.from, wait.to)} title=${`${long(wait.seconds)} ${wait.for}`}></span>`)}
        ${row.attempts.map((each) => html`<span class=${`try${each.failed ? " failed" : ""}${each.running ? " running" : ""}`} style=${place(each.from, each.to)}
          title=${`${each.function}: ${each.error || "ok"}`}>${each.cold && each.init !== null ? html`<span class="init" style=${{ width: `${Math.min(100, ((each.init - each.from) / Math.max(each.to - each.from, 1e-9)) * 100)}%` }}></span>` : null}</span>`)}
      </div>
    </div>
    <div class="facts" style=${{ paddingLeft: `${row.depth * 14 + 22}px` }}>
      ${row.state || row.resting ? html`<${State} state=${row.state} resting=${row.resting} />` : null}
      ${row.redriven ? html`<span class="muted">redriven</span>` : null}
      ${row.where ? html`<span>to <a href="#/letters">${row.where}</a></span>` : null}
      ${row.reason ? html`<span class="reason">${row.reason}</span>` : null}
      ${row.seconds > 0.001 ? html`<span class="muted">${long(row.seconds)}</span>` : null}
      ${row.payload ? html`<button type="button" class="quiet small" aria-expanded=${open === "payload"} onClick=${() => setOpen(open === "payload" ? "" : "payload")}>payload</button>` : null}
    </div>
    ${open === "payload" ? html`<${Code} text=${row.payload} label=${`The payload at ${row.name}`} />` : null}
    ${row.why.length ? html`<ul class="why" style=${{ marginLeft: `${row.depth * 14 + 22}px` }}>${row.why.map((each) => html`<li>${each}</li>`)}</ul>` : null}
    ${row.attempts.length ? html`<ol class="plain tries" style=${{ marginLeft: `${row.depth * 14 + 22}px` }}>
      ${row.attempts.map((each, number) => html`<${Try} each=${each} number=${number} wait=${row.waits[number]} open=${open === `try${number}`} onOpen=${() => setOpen(open === `try${number}` ? "" : `try${number}`)} />`)}
      ${row.left_out ? html`<li class="muted">${row.left_out} tries between them are not shown.</li>` : null}
    </ol>` : null}
  </li>`;
}

function Try({ each, number, wait, open, onOpen }) {
  const warmth = each.running ? "running" : each.cold ? `cold, init ${Math.round(each.initMs)} ms` : "warm";
  return html`<li>
    <button type="button" class="quiet try-line" aria-expanded=${open} onClick=${onOpen}>
      <span class="muted" aria-hidden="true">${open ? "▾" : "▸"}</span><span class=${each.failed ? "bad" : "good"}><span aria-hidden="true">${each.running ? "…" : each.failed ? "✗" : "✓"}</span> ${each.running ? "running" : each.failed ? "failed" : "ok"}</span>
      <span>try ${each.receives || number + 1} by ${each.function}</span>
      <span class="muted">${warmth}${each.running ? "" : `, ${long(each.ms / 1000)}`}${each.batch > 1 ? `, batch of ${each.batch}` : ""}${each.injected.length ? `, injected: ${each.injected.join(", ")}` : ""}</span>
      ${each.says ? html`<span class="reason">${each.says}</span>` : null}
    </button>
    ${open ? html`<div class="try-detail">
      <dl class="figures">
        ${wait && number === 0 ? html`<div><dt>before it</dt><dd>${long(wait.seconds)} ${wait.for}</dd></div>` : null}
        <div><dt>began</dt><dd>${clock(each.at)}</dd></div>
        ${each.environment ? html`<div><dt>environment</dt><dd><a href="#/environments">${each.environment.slice(0, 12)}</a></dd></div>` : null}
        ${each.memory ? html`<div><dt>memory</dt><dd>${each.memory} MB</dd></div>` : null}
        ${each.request ? html`<div><dt>request</dt><dd>${each.request}</dd></div>` : null}
      </dl>
      ${each.error ? html`<pre class="code error" tabindex="0" role="region" aria-label="The error">${each.error}</pre>` : null}
      ${each.subsegments.length ? html`<h3>Subsegments</h3><${Subsegments} all=${each.subsegments} />` : null}
      ${each.metrics.length ? html`<h3>Metrics</h3><ul class="plain">${each.metrics.map((metric) => html`<li>${metric.namespace} · <strong>${metric.name}</strong> ${metric.value} ${metric.unit}</li>`)}</ul>` : null}
      <h3>Log</h3>
      ${each.log.length ? html`<div class="log" tabindex="0" role="region" aria-label="Log lines"><ol class="plain">${each.log.map((line) => html`<li class=${line.level.toLowerCase()}><time>${clock(line.at)}</time> <b>${line.level}</b> <${LogText} text=${line.text} /></li>`)}</ol></div>`
        : html`<p class="muted">${each.running ? "It is running." : each.kept ? "Nothing was written." : "Its lines are not kept any more."}</p>`}
    </div>` : null}
  </li>`;
}

// What every structured line repeats, and the try says already.
const REPEATED = new Set(["level", "message", "timestamp", "time", "type", "service", "location", "cold_start", "function_name", "function_memory_size", "function_arn", "function_request_id", "requestId", "xray_trace_id"]);

// Of a structured line the message, then what else it has; a click shows it as it was written.
function LogText({ text }) {
  const [raw, setRaw] = useState(false);
  let record = null;
  try { record = text.startsWith("{") ? JSON.parse(text) : null; } catch { /* it is text */ }
  const metrics = record && record._aws ? "metrics, as above" : undefined;
  const said = record && (record.message ?? record.type ?? metrics);
  if (typeof said !== "string") return html`<span>${text}</span>`;
  const rest = metrics ? [] : Object.entries(record).filter(([key]) => !REPEATED.has(key)).map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  return html`<span>${raw ? text : html`<strong>${said}</strong> <span class="muted">${rest.join("  ")}</span>`} <button type="button" class="quiet small" aria-expanded=${raw} onClick=${() => setRaw(!raw)}>as written</button></span>`;
}

function Subsegments({ all }) {
  const length = Math.max(1, ...all.map((each) => each.from + each.ms));
  return html`<ol class="plain subsegments">${all.map((each) => html`<li><span class="who" style=${{ paddingLeft: `${each.depth * 12}px` }}>${each.name} <span class="muted">${long(each.ms / 1000)}</span>${each.error ? html` <span class="bad">${each.error}</span>` : null}</span>
    <span class="track" aria-hidden="true"><span class=${`try${each.error ? " failed" : ""}`} style=${{ left: `${(each.from / length) * 100}%`, width: `${(each.ms / length) * 100}%` }}></span></span></li>`)}</ol>`;
}
