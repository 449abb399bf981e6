// Small things that several views are made of.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./vendor/htm-preact.js";

const SIGNS = { processed: "✓", "dead-lettered": "✗", destination: "→", dropped: "✗", unmatched: "∅", pending: "…" };

export function State({ state, resting }) {
  const word = resting ? "waiting" : state;
  return html`<span class=${`state ${state || "handed-on"}`}><span aria-hidden="true">${SIGNS[state] || "→"}</span> ${word || "handed on"}</span>`;
}

export function long(seconds) {
  if (seconds < 0.0005) return "0 ms";
  if (seconds < 1) return `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
  if (seconds < 120) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  if (seconds < 7200) return `${(seconds / 60).toFixed(1)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export function clock(at) {
  const when = new Date(at * 1000);
  return `${when.toTimeString().slice(0, 8)}.${String(when.getMilliseconds()).padStart(3, "0")}`;
}

export function Clock({ at }) {
  const text = clock(at);
  return html`${text.slice(0, 8)}<span class="fine">${text.slice(8)}</span>`;
}

export function many(count, word) {
  return `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
}

export function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

export function Glyph({ kind, size = 16 }) {
  const path = GLYPHS[kind] || GLYPHS.service;
  return html`<svg class=${`glyph ${String(kind).replaceAll(" ", "-")}`} width=${size} height=${size} viewBox="0 0 20 20" aria-hidden="true"><path d=${path} /></svg>`;
}

export const GLYPHS = {};

export function Code({ text, label }) {
  return html`<pre class="code" tabindex="0" role="region" aria-label=${label}>${pretty(text)}</pre>`;
}

export function Problem({ text }) {
  return text ? html`<p class="problem" role="alert">${text}</p>` : null;
}

// Rows of one height, of which those are made that can be seen. One stop for Tab; arrows, Page, Home and End move.
export function VirtualList({ total, height, row, label, chosen, onChoose, onSeen, empty }) {
  const box = useRef(null);
  const [top, setTop] = useState(0);
  const [room, setRoom] = useState(600);
  const [at, setAt] = useState(0);
  useLayoutEffect(() => {
    const watcher = new ResizeObserver(() => setRoom(box.current.clientHeight));
    watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);
  const first = Math.max(0, Math.floor(top / height) - 5);
  const last = Math.min(total, Math.ceil((top + room) / height) + 5);
  useEffect(() => { onSeen?.(first, last); }, [first, last, total]);
  const move = (to) => {
    const next = Math.max(0, Math.min(total - 1, to));
    setAt(next);
    const y = next * height;
    if (y < box.current.scrollTop) box.current.scrollTop = y;
    if (y + height > box.current.scrollTop + room) box.current.scrollTop = y + height - room;
  };
  const keys = (event) => {
    const page = Math.max(1, Math.floor(room / height) - 1);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: total - 1 }[event.key];
    if (to !== undefined) { event.preventDefault(); move(to); }
    if ((event.key === "Enter" || event.key === " ") && total) { event.preventDefault(); onChoose(at); }
  };
  const rows = [];
  for (let index = first; index < last; index += 1) {
    rows.push(html`<div key=${index} id=${`row-${index}`} role="option" class=${`row${index === at ? " at" : ""}`} aria-selected=${chosen(index)}
      aria-posinset=${index + 1} aria-setsize=${total} style=${{ top: `${index * height}px`, height: `${height}px` }}
      onClick=${() => { setAt(index); onChoose(index); }}>${row(index)}</div>`);
  }
  return html`<div class="list" ref=${box} style=${{ maxHeight: `${Math.max(70, total * height + 2)}px` }} role="listbox" aria-label=${label} tabindex="0" aria-activedescendant=${total ? `row-${at}` : undefined}
    onScroll=${(event) => setTop(event.currentTarget.scrollTop)} onKeyDown=${keys}>
    <div class="tall" role="presentation" style=${{ height: `${total * height}px` }}>${rows}</div>
    ${total === 0 ? html`<div class="empty" role="option" aria-selected="false">${empty}</div>` : null}
  </div>`;
}

export function Dialog({ title, children, onClose }) {
  const box = useRef(null);
  useEffect(() => { box.current.showModal(); }, []);
  return html`<dialog ref=${box} aria-label=${title} onClose=${onClose}>
    <header><h2>${title}</h2><button type="button" class="quiet" onClick=${() => box.current.close()} aria-label="Close">✕</button></header>
    ${children}
  </dialog>`;
}

export function useLater(work, wait, when) {
  useEffect(() => {
    const timer = setTimeout(work, wait);
    return () => clearTimeout(timer);
  }, when);
}
