// Where an event goes, and why not elsewhere: each key with what it has and what was wanted, the nearest miss first.
import { html, useLayoutEffect, useRef, useState } from "./vendor/htm-preact.js";
import { store } from "./store.js";
import { Picture } from "./picture.js";
import { Code, Glyph } from "./parts.js";

const OUTCOMES = { matched: "✓", rejected: "✗", absent: "∅" };

// What the picture lights up: the boxes that get it, those that miss it, and the lines that it takes.
function onPicture(found, picture) {
  const boxes = new Set(picture.boxes.map((box) => box.id));
  const marks = new Map();
  const lit = new Set();
  for (const miss of found.missed) if (!marks.has(miss.node)) marks.set(miss.node, "missed");
  for (const miss of found.missed) if (boxes.has(miss.by) && miss.by !== miss.node) marks.set(miss.by, "missed");
  marks.set(found.node, "reached");
  const path = [found.node];
  for (const hop of found.hops) {
    path.length = hop.depth;
    const from = path[hop.depth - 1];
    marks.set(hop.node, "reached");
    if (boxes.has(hop.by)) marks.set(hop.by, "reached");
    for (const key of [`${from} ${hop.by}`, `${hop.by} ${hop.node}`, `${from} ${hop.node}`]) lit.add(key);
    path.push(hop.node);
  }
  return { marks, lit };
}

function Small({ found }) {
  const box = useRef(null);
  const [zoom, setZoom] = useState(0);
  const { picture } = store.content;
  useLayoutEffect(() => { setZoom(Math.max(0.42, Math.min(0.8, (box.current.clientWidth - 8) / picture.width))); }, []);
  const { marks, lit } = onPicture(found, picture);
  return html`<div class="small-picture" ref=${box} tabindex="0" role="region" aria-label="The same on the picture">${zoom ? html`<${Picture} picture=${picture} zoom=${zoom} marks=${marks} lit=${lit} still onSelect=${(id) => { location.hash = `#/flow?${new URLSearchParams({ node: id })}`; }} />` : null}</div>`;
}

export function Verdicts({ found }) {
  return html`<div class="verdicts">
    ${store.content.picture ? html`<${Small} found=${found} />` : null}
    <div class="reached">
      <h3>${found.ends.length ? `Reaches ${found.ends.join(", ")}` : "Reaches nobody"}</h3>
      <ol class="plain tree"><li><strong>${found.on}</strong></li>${found.hops.map((hop) => html`<${Hop} hop=${hop} />`)}</ol>
      ${found.more ? html`<p class="muted">${found.more} more hops are not shown.</p>` : null}
    </div>
    ${found.missed.length ? html`<div class="missed"><h3>Not reached, the nearest miss first</h3>${found.missed.map((miss) => html`<${Miss} miss=${miss} />`)}</div>` : null}
  </div>`;
}

function Hop({ hop }) {
  const [open, setOpen] = useState(false);
  return html`<li style=${{ paddingLeft: `${hop.depth * 18}px` }}>
    <span class="hop"><span class="good" aria-hidden="true">✓</span> <${Glyph} kind=${hop.kind} /> <span class="muted">${hop.kind}</span> <strong>${hop.name}</strong>
      ${hop.byName && hop.byName !== hop.name ? html`<span class="muted">by ${hop.byName}</span>` : null}
      <button type="button" class="quiet small" aria-expanded=${open} aria-label=${`payload that ${hop.name} gets`} onClick=${() => setOpen(!open)}>payload</button></span>
    ${hop.doubts.map((each) => html`<p class="doubt">if ${each}</p>`)}
    ${open && hop.keys.length ? html`<${Keys} keys=${hop.keys} label=${hop.filter} />` : null}
    ${open ? html`<${Code} text=${hop.payload} label=${`What ${hop.name} gets`} />` : null}
  </li>`;
}

function Miss({ miss }) {
  return html`<section class="miss" aria-label=${`Why not ${miss.to}`}>
    <h4><span class="bad" aria-hidden="true">✗</span> <${Glyph} kind=${miss.kind} /> ${miss.to} ${miss.through ? html`<span class="muted">through ${miss.through}</span>` : null}</h4>
    ${miss.others.map((each) => html`<p class="reason">${each}</p>`)}
    ${miss.keys.length ? html`<${Keys} keys=${miss.keys} label=${miss.filter} />` : null}
    ${miss.notes.map((each) => html`<p class="reason">${each}</p>`)}
  </section>`;
}

function Keys({ keys, label }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${label || "keys"}><table class="keys"><caption>${label}</caption>
    <thead><tr><th scope="col">key</th><th scope="col">verdict</th><th scope="col">the event has</th><th scope="col">the filter wants</th></tr></thead>
    <tbody>${keys.map((key) => html`<tr class=${key.outcome}><th scope="row">${key.path}</th>
      <td><span aria-hidden="true">${OUTCOMES[key.outcome]}</span> ${key.outcome}</td><td>${key.value === null ? html`<i>nothing</i>` : key.value}</td><td>${key.wanted}</td></tr>`)}</tbody>
  </table></div>`;
}
