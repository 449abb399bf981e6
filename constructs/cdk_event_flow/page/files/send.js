// The event editor: samples, hints from the contract, where it would go while it is written, and sending it.
import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { api, change, go, store, useStore } from "./store.js";
import { Problem, useLater } from "./parts.js";
import { Verdicts } from "./verdicts.js";

function kept() {
  try { return JSON.parse(localStorage.getItem("samples") || "[]"); } catch { return []; }
}

export function SendView() {
  const state = useStore();
  const { content } = state;
  const first = content.samples[0];
  const draft = state.draft || { on: first?.on || content.receivers[0]?.arn || "", text: first ? JSON.stringify(first.event, null, 2) : "{}" };
  const on = state.route.query.on || draft.on;
  const [own, setOwn] = useState(kept);
  const [found, setFound] = useState(null);
  const [problem, setProblem] = useState("");
  const [sent, setSent] = useState(null);
  const [busy, setBusy] = useState(false);
  const receiver = content.receivers.find((each) => each.arn === on);
  const wantsJson = !receiver || receiver.kind === "bus";
  const takesAttributes = receiver && (receiver.kind === "topic" || receiver.kind === "queue");
  const beside = takesAttributes && draft.attributes?.trim() ? parse(draft.attributes, true) : { value: {} };
  const parsed = { ...parse(draft.text, wantsJson) };
  if (beside.error) parsed.error = `Message attributes: ${beside.error}`;
  const edit = (values) => { change({ draft: { ...draft, on, ...values } }); setSent(null); };
  const dry = async () => {
    if (parsed.error) return;
    try {
      const answer = await api("dry", { on, event: parsed.value, attributes: beside.value });
      setFound(answer);
      setProblem("");
    } catch (error) { setFound(null); setProblem(error.message); }
  };
  useLater(dry, 250, [draft.text, draft.attributes, on]);
  const send = async () => {
    setBusy(true);
    try {
      const { id } = await api("send", { on, event: parsed.value, attributes: beside.value });
      setSent(id);
      setProblem("");
    } catch (error) { setProblem(error.message); }
    setBusy(false);
  };
  const take = (value) => {
    const [from, index] = value.split(":");
    const sample = (from === "own" ? own : content.samples)[Number(index)];
    if (!sample) return;
    change({ draft: { on: sample.on || on, text: typeof sample.event === "string" ? sample.event : JSON.stringify(sample.event, null, 2) } });
    setSent(null);
    if (sample.on && sample.on !== on) go("send", { on: sample.on });
  };
  const keep = () => {
    const name = prompt("A name for this sample (it is kept in this browser)");
    if (!name) return;
    const all = [...own.filter((each) => each.name !== name), { name, on, event: parsed.value }];
    localStorage.setItem("samples", JSON.stringify(all));
    setOwn(all);
  };
  const contract = wantsJson && parsed.value && content.contracts.find((each) => each.source === parsed.value.source && each.detailType === parsed.value["detail-type"]);
  const sentLine = sent === null ? null : state.recent.find((each) => each.id === sent);
  return html`<section class="view send" aria-label="Send">
    <div class="editor">
      <div class="bar">
        <label>Sample <select onChange=${(event) => { take(event.currentTarget.value); event.currentTarget.value = ""; }}>
          <option value="">choose…</option>
          ${["file", "contract"].map((from) => content.samples.some((each) => each.from === from) ? html`<optgroup label=${from === "file" ? "from files" : "made from contracts"}>
            ${content.samples.map((each, index) => each.from === from ? html`<option value=${`given:${index}`}>${each.name}</option>` : null)}</optgroup>` : null)}
          ${own.length ? html`<optgroup label="kept in this browser">${own.map((each, index) => html`<option value=${`own:${index}`}>${each.name}</option>`)}</optgroup>` : null}
        </select></label>
        <label>Send to <select value=${on} onChange=${(event) => { change({ draft: { ...draft, on: event.currentTarget.value } }); go("send", { on: event.currentTarget.value }); }}>
          ${content.receivers.map((each) => html`<option value=${each.arn}>${each.kind} ${each.name}</option>`)}
        </select></label>
      </div>
      <label class="hidden" for="event">The event</label>
      <textarea id="event" spellcheck="false" autocapitalize="off" value=${draft.text} aria-invalid=${Boolean(parsed.error)} aria-describedby="event-says"
        onInput=${(event) => edit({ text: event.currentTarget.value })}
        onKeyDown=${(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !parsed.error) send(); }}></textarea>
      ${takesAttributes ? html`<label class="attributes">Message attributes <input value=${draft.attributes || ""} spellcheck="false" placeholder='{"kind": "urgent", "total": 5}' onInput=${(event) => edit({ attributes: event.currentTarget.value })} /></label>` : null}
      <div id="event-says" aria-live="polite">
        <${Problem} text=${parsed.error || problem} />
        ${found?.hints.length ? html`<ul class="hints">${found.hints.map((each) => html`<li>${each}</li>`)}</ul>` : null}
        ${sent !== null ? html`<p class="sent" role="status">Sent: <a href=${`#/events/${sent}`}>event ${sent}</a>${sentLine ? `, ${sentLine.state}` : ""}.</p>` : null}
      </div>
      <div class="bar">
        <button type="button" class="main" disabled=${Boolean(parsed.error) || busy} onClick=${send}>Send</button>
        <button type="button" disabled=${Boolean(parsed.error)} onClick=${dry}>Dry run</button>
        <button type="button" disabled=${Boolean(parsed.error)} onClick=${() => edit({ text: JSON.stringify(parsed.value, null, 2) })}>Format</button>
        <button type="button" disabled=${Boolean(parsed.error)} onClick=${keep}>Keep as sample</button>
      </div>
      ${contract ? html`<details class="contract" open><summary>The contract of ${contract.detailType}</summary><div class="scroll" tabindex="0" role="region" aria-label="Fields of the contract"><table class="keys"><thead><tr><th scope="col">field</th><th scope="col">type</th><th scope="col">must it be there</th></tr></thead>
        <tbody>${contract.fields.map((field) => html`<tr><th scope="row">${field.path}</th><td>${field.type}${field.values.length ? `: ${field.values.join(" | ")}` : ""}</td><td class="muted">${field.required ? "required" : "optional"}${field.says ? `. ${field.says}` : ""}</td></tr>`)}</tbody></table></div></details>` : null}
    </div>
    <div class="outcome" aria-live="polite">
      <h2>Where it goes, and why not elsewhere</h2>
      ${found && !parsed.error ? html`<${Verdicts} found=${found} />` : html`<p class="muted">${parsed.error ? "Mend the event to see where it goes." : "…"}</p>`}
    </div>
  </section>`;
}

function parse(text, wantsJson) {
  try {
    const value = JSON.parse(text);
    if (wantsJson && (typeof value !== "object" || value === null || Array.isArray(value))) return { error: "It must be a JSON object." };
    return { value };
  } catch (error) {
    return wantsJson ? { error: `It is no JSON yet: ${error.message}` } : { value: text };
  }
}

export function SamplesView() {
  const { content } = store;
  const [at, setAt] = useState(0);
  const sample = content.samples[at];
  return html`<section class="view send" aria-label="Samples">
    <div class="editor">
      <h2 id="samples">Sample events</h2>
      <ul class="plain choices" aria-labelledby="samples">${content.samples.map((each, index) => html`<li><button type="button" aria-pressed=${index === at} onClick=${() => setAt(index)}>${each.name} <span class="muted">${each.from === "file" ? "from a file" : "from its contract"}</span></button></li>`)}</ul>
      ${sample ? html`<pre class="code" tabindex="0" role="region" aria-label="The event as JSON">${JSON.stringify(sample.event, null, 2)}</pre>` : html`<p>There are no sample events.</p>`}
    </div>
    <div class="outcome">${sample ? html`<h2>Where it goes, and why not elsewhere</h2>${sample.verdict ? html`<${Verdicts} found=${sample.verdict} />` : html`<p class="problem">${sample.refused}</p>`}` : null}</div>
  </section>`;
}
