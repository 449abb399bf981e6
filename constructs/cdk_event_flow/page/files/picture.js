// The picture of the flow, drawn from the geometry that Python laid out; with counters, and lines that light up.
import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { useStore } from "./store.js";
import { GLYPHS } from "./parts.js";

const LIT = 900; // milliseconds

export function Picture({ picture, selected, onSelect, zoom, marks, lit, find, still }) {
  const state = useStore();
  const [, redraw] = useState(0);
  const [at, setAt] = useState(picture.boxes[0]?.id);
  const svg = useRef(null);
  Object.assign(GLYPHS, picture.glyphs);
  const now = performance.now();
  const moving = [...state.moved].filter(([, when]) => now - when < LIT);
  useEffect(() => {
    if (!moving.length) return undefined;
    const timer = setTimeout(() => redraw((n) => n + 1), LIT);
    return () => clearTimeout(timer);
  }, [state.version]);
  const live = new Set(moving.map(([key]) => key));
  const focus = (id) => { setAt(id); svg.current.querySelector(`[data-id="${CSS.escape(id)}"]`)?.focus(); };
  const keys = (event, box) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); onSelect(box.id); }
    const towards = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
    if (!towards) return;
    event.preventDefault();
    const next = nearest(picture.boxes, box, towards);
    if (next) focus(next.id);
  };
  const fits = (box) => !find || box.label.toLowerCase().includes(find.toLowerCase());
  return html`<svg ref=${svg} class="ef picture" role="group" aria-label="The flow; arrow keys go from box to box" width=${picture.width * zoom} height=${picture.height * zoom}
    viewBox=${`0 0 ${picture.width} ${picture.height}`}>
    ${picture.arrows.map((arrow) => {
      const key = `${arrow.source} ${arrow.target}`;
      const count = still ? 0 : state.edges.get(key);
      const of = `${live.has(key) && !still ? " live" : ""}${lit && lit.has(key) ? " taken" : ""}`;
      return html`<g key=${key} class=${`arrow ${css(arrow.kind)}${of}`}>
        <title>${arrow.label}</title>
        <path class=${`line ${css(arrow.kind)}`} d=${arrow.path} stroke-dashoffset=${arrow.back ? -arrow.length : undefined} />
        <path class="tip" d=${`M${arrow.x} ${arrow.y}l-8 -4l2 4l-2 4z`} />
        ${count ? html`<text class="count" x=${arrow.x - 10} y=${arrow.y - 6} text-anchor="end">${count.toLocaleString("en")}</text>` : null}
      </g>`;
    })}
    ${picture.boxes.map((box) => {
      const counts = still ? undefined : state.nodes[box.id];
      const bad = still ? null : badOf(counts, state.letters[box.id]);
      const told = [box.label, counts?.came && `${counts.came} came`, counts?.tried && `${counts.tried} tries, ${counts.failed} failed`, bad?.says].filter(Boolean).join(", ");
      const mark = marks?.get(box.id);
      // The words are drawn for the eye; the button over them says all of it in one sentence.
      return html`<g key=${box.id} class=${`node${selected === box.id ? " selected" : ""}${fits(box) ? "" : " faint"}${mark ? ` ${mark}` : ""}`}>
        <title>${box.details || box.label}</title>
        <g aria-hidden="true">
          <rect class=${`box${box.idle ? " idle" : ""}`} x=${box.x} y=${box.y} width=${box.width} height=${box.height} rx=${box.kind === "filter" ? Math.min(13, box.height / 2) : 8} />
          ${box.signs.map((sign) => html`<g transform=${`translate(${sign.x} ${sign.y}) scale(${sign.size / 20})`}>
            ${sign.size >= 20 ? html`<rect class=${`tile ${css(sign.kind)}`} x="-4" y="-4" width="28" height="28" rx="7" />` : null}
            <path class=${`sign ${css(sign.kind)}`} d=${picture.glyphs[sign.kind]} /></g>`)}
          ${box.texts.map((text) => html`<text class=${text.role} x=${text.x} y=${text.y} textLength=${text.exact ? text.width : undefined} lengthAdjust="spacingAndGlyphs">${text.words}</text>`)}
          ${mark ? html`<${Pill} x=${box.x - 4} y=${box.y} text=${mark === "reached" ? "✓" : "✗"} kind=${mark === "reached" ? "good" : "bad"} />` : null}
          ${counts?.came || counts?.tried ? html`<${Pill} x=${box.x + box.width + 4} y=${box.y} text=${(counts.came || counts.tried).toLocaleString("en")} kind="plain" end />` : null}
          ${bad ? html`<${Pill} x=${box.x + box.width + 4} y=${box.y + box.height} text=${bad.text} kind="bad" end />` : null}
        </g>
        <rect class="hit" data-id=${box.id} role="button" x=${box.x} y=${box.y} width=${box.width} height=${box.height} rx="8"
          tabindex=${box.id === at ? 0 : -1} aria-pressed=${selected === box.id} aria-label=${[told, mark].filter(Boolean).join(", ")}
          onClick=${() => { setAt(box.id); onSelect(box.id); }} onFocus=${() => setAt(box.id)} onKeyDown=${(event) => keys(event, box)} />
      </g>`;
    })}
    ${picture.legend.map((line) => html`<g class="arrow"><path class=${`line ${css(line.kind)}`} d=${`M${line.x} ${line.y}h34`} /><text x=${line.text.x} y=${line.text.y}>${line.text.words}</text></g>`)}
  </svg>`;
}

function css(kind) { return kind.replaceAll(" ", "-"); }

function badOf(counts, letters) {
  if (letters) return { text: `✗ ${letters.toLocaleString("en")}`, says: `${letters} dead letters` };
  const dead = (counts?.ended?.["dead-lettered"] || 0) + (counts?.ended?.dropped || 0);
  if (dead) return { text: `✗ ${dead.toLocaleString("en")}`, says: `${dead} dead-lettered or dropped` };
  if (counts?.failed) return { text: `✗ ${counts.failed.toLocaleString("en")}`, says: `${counts.failed} failed` };
  return null;
}

function Pill({ x, y, text, kind, end }) {
  const width = 10 + text.length * 6.6;
  const left = end ? x - width : x;
  return html`<g class=${`pill ${kind}`}><rect x=${left} y=${y - 8} width=${width} height="16" rx="8" /><text x=${left + width / 2} y=${y + 4} text-anchor="middle">${text}</text></g>`;
}

function nearest(boxes, from, [dx, dy]) {
  const middle = (box) => [box.x + box.width / 2, box.y + box.height / 2];
  const [x, y] = middle(from);
  let best = null;
  let least = Infinity;
  for (const box of boxes) {
    const [bx, by] = middle(box);
    const along = (bx - x) * dx + (by - y) * dy;
    const aside = Math.abs((bx - x) * dy) + Math.abs((by - y) * dx);
    if (box.id !== from.id && along > 1 && along + aside * 2 < least) { best = box; least = along + aside * 2; }
  }
  return best;
}
