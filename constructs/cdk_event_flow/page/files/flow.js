// The flow: the picture with its counters, and what is known of the box that is chosen.
import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { api, go, isLive, nameOf, useStore } from "./store.js";
import { Picture } from "./picture.js";
import { State, many } from "./parts.js";

export function FlowView() {
  const state = useStore();
  const { content } = state;
  const [dead, setDead] = useState(false);
  const [zoom, setZoom] = useState(0);
  const [find, setFind] = useState("");
  const scene = useRef(null);
  const picture = dead ? content.withDeadLetters : content.picture;
  const selected = state.route.query.node || "";
  const fit = () => setZoom(Math.max(0.35, Math.min(1.15, (scene.current.clientWidth - 8) / picture.width)));
  useEffect(() => { if (picture) setZoom(Math.max(0.75, Math.min(1.15, (scene.current.clientWidth - 8) / picture.width))); }, [picture]);
  useEffect(() => {
    if (!find || !picture) return;
    const box = picture.boxes.find((each) => each.label.toLowerCase().includes(find.toLowerCase()));
    if (box) scene.current.scrollTo({ left: box.x * zoom - 80, top: box.y * zoom - 80, behavior: "smooth" });
  }, [find]);
  if (!picture) return html`<section class="view"><h2>Flow</h2><p>${content.noPicture}</p></section>`;
  return html`<section class="view wide flow" aria-label="Flow">
    <div class="bar">
      <label>Find <input type="search" value=${find} onInput=${(event) => setFind(event.currentTarget.value)} placeholder="a box by its words" /></label>
      <label class="check"><input type="checkbox" checked=${dead} onChange=${(event) => setDead(event.currentTarget.checked)} /> dead letters</label>
      <span class="group" role="group" aria-label="Size">
        <button type="button" onClick=${() => setZoom(zoom / 1.2)} aria-label="Smaller">−</button>
        <button type="button" onClick=${() => setZoom(zoom * 1.2)} aria-label="Larger">+</button>
        <button type="button" onClick=${fit}>Fit</button>
      </span>
    </div>
    <div class=${`split${selected ? "" : " one"}`}>
      <div class="scene" ref=${scene}>${zoom ? html`<${Picture} picture=${picture} zoom=${zoom} find=${find} selected=${selected}
        onSelect=${(id) => go("flow", { node: id === selected ? "" : id })} />` : null}</div>
      ${selected ? html`<${NodePanel} arn=${selected} picture=${picture} />` : null}
    </div>
  </section>`;
}

function NodePanel({ arn, picture }) {
  const state = useStore();
  const [events, setEvents] = useState(null);
  const box = picture.boxes.find((each) => each.id === arn);
  const counts = state.nodes[arn];
  const came = counts ? counts.came + counts.tried : 0;
  useEffect(() => {
    if (!isLive) return;
    api(`events?${new URLSearchParams({ node: arn, limit: 8 })}`).then((found) => setEvents(found), () => setEvents(null));
  }, [arn, came]);
  const receives = state.content.receivers.some((each) => each.arn === arn);
  const path = (box?.details || "").split("\n")[0];
  const findings = state.content.findings.filter((each) => each.path === path);
  return html`<aside class="panel" aria-label=${`About ${nameOf(arn)}`}>
    <header><h2>${nameOf(arn)}</h2><button type="button" class="quiet" aria-label="Close" onClick=${() => go("flow")}>✕</button></header>
    <p class="muted">${box?.kind}</p>
    ${(box?.details || "").split("\n").map((line) => html`<p class="detail">${line}</p>`)}
    ${counts ? html`<dl class="figures">
      ${counts.came ? html`<div><dt>came</dt><dd>${counts.came}</dd></div>` : null}
      ${counts.tried ? html`<div><dt>tries</dt><dd>${counts.tried}</dd></div><div><dt>failed</dt><dd>${counts.failed}</dd></div>` : null}
      ${counts.open > 0 ? html`<div><dt>here now</dt><dd>${counts.open}</dd></div>` : null}
      ${Object.entries(counts.ended).map(([name, count]) => html`<div><dt>${name}</dt><dd>${count}</dd></div>`)}
    </dl>` : null}
    ${isLive && receives ? html`<button type="button" onClick=${() => go("send", { on: arn })}>Send an event here</button>` : null}
    ${findings.length ? html`<h3>Findings</h3><ul class="plain">${findings.map((each) => html`<li><a href="#/findings">${each.id}</a> ${each.what}</li>`)}</ul>` : null}
    ${events && events.events.length ? html`<h3>${many(events.total, "event")}</h3><ul class="plain links">${events.events.map((each) => html`<li><a href=${`#/events/${each.id}`}>${each.what}</a> <${State} state=${each.state} /></li>`)}</ul>
      ${events.total > events.events.length ? html`<a href=${`#/events?${new URLSearchParams({ node: arn })}`}>all of them</a>` : null}` : null}
  </aside>`;
}
