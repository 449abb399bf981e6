// The list of events, newest first, and beside it the one that is chosen.
import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { api, go, nameOf, useStore } from "./store.js";
import { Clock, Problem, State, VirtualList, long, many } from "./parts.js";
import { EventDetail } from "./event.js";

const PAGE = 60;
export const STATES = ["processed", "dead-lettered", "destination", "dropped", "unmatched", "pending"];

export function EventsView() {
  const state = useStore();
  const { id, query } = state.route;
  const [text, setText] = useState(query.q || "");
  const [found, setFound] = useState({ total: 0, rows: new Map(), key: "" });
  const [problem, setProblem] = useState("");
  const seen = useRef([0, PAGE]);
  const asking = useRef("");
  const wanted = useRef({});
  const key = `${query.q || ""}|${query.state || ""}|${query.node || ""}`;
  useEffect(() => { setText(query.q || ""); }, [query.q]);
  wanted.current = { q: query.q || "", state: query.state || "", node: query.node || "" };

  // One request at a time; what was asked for meanwhile is asked for after it.
  const load = async () => {
    if (asking.current) { asking.current = "again"; return; }
    do {
      asking.current = "once";
      const now = wanted.current;
      const of = `${now.q}|${now.state}|${now.node}`;
      const [first, last] = seen.current;
      try {
        const part = await api(`events?${new URLSearchParams({ offset: first, limit: Math.max(PAGE, last - first), ...now })}`);
        setFound((was) => {
          const rows = new Map(was.key === of && was.total === part.total ? was.rows : []);
          part.events.forEach((each, number) => rows.set(part.offset + number, each));
          return { total: part.total, rows, key: of };
        });
        setProblem("");
      } catch (error) {
        setFound((was) => (was.key === of ? was : { total: 0, rows: new Map(), key: of }));
        setProblem(error.message);
      }
    } while (asking.current === "again");
    asking.current = "";
  };
  // The window that is seen is asked for again when something moved, at most three times a second.
  useEffect(() => {
    const timer = setTimeout(load, found.key === key ? 330 : 0);
    return () => clearTimeout(timer);
  }, [state.version, key]);
  const look = (first, last) => {
    seen.current = [first, last];
    for (let index = first; index < last; index += 1) if (!found.rows.has(index) && index < found.total) { load(); break; }
  };
  const search = (event) => { event.preventDefault(); go("events", { ...query, q: text }); };
  const row = (index) => {
    const each = found.rows.get(index);
    if (!each) return html`<span class="muted">…</span>`;
    return html`<span class="when"><${Clock} at=${each.at} /></span>
      <span class="what"><strong>${each.what}</strong> <span class="muted">${each.source}${each.by ? `, by ${each.by}` : ""}</span></span>
      <span class="ends muted">${each.ends.join(", ")}</span>
      <${State} state=${each.state} />
      <span class="took muted">${each.failures ? html`<span class="bad">${each.failures} failed</span> ` : ""}${each.seconds > 0.001 && each.state !== "pending" ? long(each.seconds) : ""}</span>`;
  };
  return html`<section class=${`view events${id ? " chosen" : ""}`} aria-label="Events">
    <div class="side">
      <form class="bar" role="search" onSubmit=${search}>
        <label class="grow"><span class="hidden">Search events</span><input type="search" value=${text} onInput=${(event) => setText(event.currentTarget.value)}
          placeholder="detail.total>100 detail.region=eu ORD-1" onSearch=${search} /></label>
        <label><span class="hidden">State</span><select value=${query.state || ""} onChange=${(event) => go("events", { ...query, state: event.currentTarget.value })}>
          <option value="">any state</option>${STATES.map((each) => html`<option value=${each}>${each}</option>`)}</select></label>
        <button type="submit">Search</button>
      </form>
      ${query.node ? html`<p class="chip">at ${nameOf(query.node)} <button type="button" class="quiet" aria-label="All nodes" onClick=${() => go("events", { ...query, node: "" })}>✕</button></p>` : null}
      <${Problem} text=${problem} />
      <p class="muted count" aria-live="polite">${many(found.total, "event")}${state.more ? `; ${many(state.more, "more change")} not drawn one by one` : ""}</p>
      <${VirtualList} total=${found.total} height=${52} row=${row} label="Events, newest first" empty=${query.q || query.state || query.node ? "Nothing fits." : "No event came yet. Send one from the page, or by any AWS SDK."}
        chosen=${(index) => String(found.rows.get(index)?.id) === id} onSeen=${look}
        onChoose=${(index) => { const each = found.rows.get(index); if (each) go(`events/${each.id}`, query); }} />
    </div>
    ${id ? html`<${EventDetail} key=${id} id=${id} back=${() => go("events", query)} />` : html`<div class="detail-empty muted">Choose an event to see what became of it.</div>`}
  </section>`;
}
