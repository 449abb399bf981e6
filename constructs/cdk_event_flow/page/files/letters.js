// Dead letters: why each is one, its payload, mended where it must be, and sent back after a dry run.
import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { api, go, useStore } from "./store.js";
import { Clock, Code, Dialog, Problem, VirtualList, many, pretty } from "./parts.js";

export function LettersView() {
  const state = useStore();
  const [queues, setQueues] = useState([]);
  const [found, setFound] = useState({ all: 0, letters: [] });
  const [problem, setProblem] = useState("");
  const [picked, setPicked] = useState("");
  const [asked, setAsked] = useState(null);
  const [text, setText] = useState("");
  const counts = JSON.stringify(state.letters);
  const chosen = state.route.id || queues.find((each) => each.count)?.arn || queues[0]?.arn || "";
  const queue = queues.find((each) => each.arn === chosen);
  useEffect(() => { api("queues").then(setQueues, (error) => setProblem(error.message)); }, [counts]);
  useEffect(() => {
    if (!chosen) return;
    api(`letters?${new URLSearchParams({ queue: chosen })}`).then((letters) => { setFound(letters); setProblem(""); }, (error) => setProblem(error.message));
  }, [chosen, counts]);
  const isPattern = text.trim().startsWith("{");
  const shown = found.letters.filter((each) => isPattern || !text || `${each.error} ${each.reason} ${each.body}`.toLowerCase().includes(text.toLowerCase()));
  const letter = shown.find((each) => each.id === picked) || shown[0];
  const count = state.letters[chosen] ?? found.all;
  if (!queues.length) return html`<section class="view"><h2>Dead letters</h2><${Problem} text=${problem} /><p>No queue of this flow keeps dead letters.</p></section>`;
  const selection = isPattern ? { pattern: text } : text ? { ids: shown.map((each) => each.id) } : {};
  return html`<section class="view events letters chosen-wide" aria-label="Dead letters">
    <div class="side">
      <div class="bar"><label class="grow">Queue <select value=${chosen} onChange=${(event) => go(`letters/${encodeURIComponent(event.currentTarget.value)}`)}>
        ${queues.map((each) => html`<option value=${each.arn}>${each.name} (${state.letters[each.arn] ?? each.count})</option>`)}</select></label></div>
      ${queue ? html`<p class="muted">${queue.serves.join("; ")}</p>` : null}
      <div class="bar"><label class="grow"><span class="hidden">Which letters</span><input type="search" value=${text} onInput=${(event) => setText(event.currentTarget.value)} placeholder='words, or a pattern: {"detail": {"total": [5]}}' /></label></div>
      <div class="bar">
        <button type="button" disabled=${!count} onClick=${() => setAsked({ what: `all of ${queue?.name}`, plan: {} })}>Redrive all ${count}</button>
        <button type="button" disabled=${!text || !count} onClick=${() => setAsked({ what: isPattern ? "those that match the pattern" : many(shown.length, "letter"), plan: selection })}>Redrive matching</button>
      </div>
      <${Problem} text=${problem} />
      <p class="muted count" aria-live="polite">${many(found.all, "letter")}${found.all > found.letters.length ? `, the first ${found.letters.length} are listed` : ""}${isPattern ? "; the dry run says which match" : ""}</p>
      <${VirtualList} total=${shown.length} height=${64} label="Dead letters, the oldest first" empty="There are no dead letters here." chosen=${(index) => shown[index] === letter}
        onChoose=${(index) => setPicked(shown[index].id)}
        row=${(index) => html`<span class="when"><${Clock} at=${shown[index].sent} /></span><span class="what two"><strong>${shown[index].says || shown[index].reason || shown[index].code}</strong><span class="muted">${shown[index].body.slice(0, 160)}</span></span>`} />
    </div>
    ${letter ? html`<${Letter} key=${letter.id} letter=${letter} queue=${queue} redrive=${(body) => setAsked({ what: "this letter", plan: { ids: [letter.id], ...(body === null ? {} : { body }) } })} />` : html`<div class="detail-empty muted">Nothing is dead here.</div>`}
    ${asked ? html`<${Redrive} asked=${asked} queue=${chosen} onClose=${() => setAsked(null)} />` : null}
  </section>`;
}

function Letter({ letter, queue, redrive }) {
  const original = pretty(letter.body);
  const [text, setText] = useState(original);
  const changed = text !== original;
  let wrong = "";
  try { JSON.parse(text); } catch (error) { wrong = error.message; }
  return html`<article class="detail-pane" aria-label="The letter">
    <header class="bar"><h2>Why it is here</h2>${letter.event ? html`<a href=${`#/events/${letter.event}`}>event ${letter.event}, with its ${many(letter.tries, "try").replace("trys", "tries")}</a>` : null}</header>
    <p class="reason">${letter.code}${letter.reason ? `: ${letter.reason}` : ""}</p>
    ${letter.error ? html`<pre class="code error" tabindex="0" role="region" aria-label="The last error">${letter.error}</pre>` : null}
    <h3><label for="body">The message${letter.cut ? ", cut: too long to edit here" : ""}</label></h3>
    <textarea id="body" spellcheck="false" value=${text} readonly=${letter.cut} onInput=${(event) => setText(event.currentTarget.value)}></textarea>
    <div aria-live="polite">${changed && wrong ? html`<p class="hints">It is no JSON: ${wrong}. It can be sent as text.</p>` : null}</div>
    <div class="bar">
      <button type="button" class="main" onClick=${() => redrive(changed ? compact(text) : null)}>${changed ? "Redrive as edited" : "Redrive"}</button>
      <button type="button" disabled=${!changed} onClick=${() => setText(original)}>Undo</button>
      <span class="muted">from ${queue?.name}, after a dry run</span>
    </div>
  </article>`;
}

function compact(text) {
  try { return JSON.stringify(JSON.parse(text)); } catch { return text; }
}

function Redrive({ asked, queue, onClose }) {
  const [account, setAccount] = useState(null);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(true);
  const [to, setTo] = useState("");
  const { content } = useStore();
  const ask = async (dry) => {
    setBusy(true);
    try { setAccount(await api("redrive", { queue, dry, ...asked.plan, ...(to ? { to } : {}) })); setProblem(""); } catch (error) { setProblem(error.message); }
    setBusy(false);
  };
  useEffect(() => { ask(true); }, [to]);
  const dry = account?.dry_run;
  const total = account?.moved ? account.moved.reduce((sum, each) => sum + each.count, 0) : account?.count || 0;
  return html`<${Dialog} title=${`Redrive ${asked.what}`} onClose=${onClose}>
    ${dry || !account ? html`<p class="bar"><label>To <select value=${to} disabled=${busy} onChange=${(event) => setTo(event.currentTarget.value)}><option value="">where each came from</option>${content.receivers.map((each) => html`<option value=${each.arn}>${each.kind} ${each.name}</option>`)}</select></label></p>` : null}
    <div aria-live="polite">
      ${busy ? html`<p class="muted">${account ? "Sending…" : "Asking what would go where…"}</p>` : null}
      <${Problem} text=${problem} />
      ${account && !busy ? html`<ul class="plain account">
        ${account.moved ? account.moved.map((each) => html`<li><strong>${each.count}</strong> ${dry ? "would go" : "went"} to ${each.to}</li>`) : html`<li>SQS moved <strong>${account.count}</strong> of ${account.of} (${account.status.toLowerCase()})</li>`}
        ${account.moved && !total ? html`<li>Nothing ${dry ? "would go" : "went"}.</li>` : null}
        ${Object.entries(account.failed || {}).map(([reason, count]) => html`<li class="bad">${count} ${dry ? "would stay" : "stay"}: ${reason}</li>`)}
        ${account.not_selected ? html`<li>${account.not_selected} stay: not selected</li>` : null}
        ${account.in_doubt ? html`<li class="bad">${account.in_doubt} stay in doubt: their copies were sent, and no answer was seen</li>` : null}
        ${account.not_seen ? html`<li>about ${account.not_seen} more were not looked at</li>` : null}
        ${account.events?.length ? html`<li>follow ${account.events.map((id) => html`<a href=${`#/events/${id}`}>event ${id}</a> `)}</li>` : null}
      </ul>` : null}
      ${account && dry && account.first ? html`<h3>The first of them, as it is sent</h3><${Code} text=${account.first} label="The first message as it is sent" />` : null}
    </div>
    <footer class="bar">
      ${dry || !account ? html`<button type="button" class="main" disabled=${busy || !total} onClick=${() => ask(false)}>Redrive ${total || ""}</button>` : html`<p role="status">Done.</p>`}
      ${dry ? html`<span class="muted">Nothing was sent or deleted yet.</span>` : null}
    </footer>
  </${Dialog}>`;
}
