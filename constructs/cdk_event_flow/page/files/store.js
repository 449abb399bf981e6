// What the page knows, and how it comes to know it: one object, told to whoever looks at it.
import { useEffect, useState } from "./vendor/htm-preact.js";

const embedded = document.getElementById("data");
export const isLive = !embedded;
export const saved = { token: "" };

export const store = {
  content: embedded ? JSON.parse(embedded.textContent) : null,
  problem: "",
  connection: isLive ? "connecting" : "static",
  run: "",
  total: 0,
  outcomes: {},
  settled: true,
  nodes: {},
  edges: new Map(),
  moved: new Map(), // edge → when it last moved
  letters: {},
  version: 0, // grows with each message
  recent: [],
  more: 0,
  route: { view: "flow", id: "", query: {} },
  draft: null, // what the editor holds
  notice: "",
};
const listeners = new Set();

export function change(values) {
  Object.assign(store, values);
  for (const listener of listeners) listener();
}

export function useStore() {
  const [, redraw] = useState(0);
  useEffect(() => {
    let asked = 0;
    const listener = () => {
      if (!asked) asked = requestAnimationFrame(() => { asked = 0; redraw((n) => n + 1); });
    };
    listeners.add(listener);
    return () => { listeners.delete(listener); cancelAnimationFrame(asked); };
  }, []);
  return store;
}

// The token came in the fragment of the address, which no server and no log sees.
export function takeToken() {
  const found = /^#token=([\w-]+)$/.exec(location.hash);
  if (found) {
    sessionStorage.setItem("token", found[1]);
    history.replaceState(null, "", "#/flow");
  }
  saved.token = sessionStorage.getItem("token") || "";
}

export async function api(path, body) {
  const headers = { Authorization: `Bearer ${saved.token}` };
  const options = body === undefined ? { headers } : { headers: { ...headers, "Content-Type": "application/json" }, method: "POST", body: JSON.stringify(body) };
  let answer;
  try {
    answer = await fetch(`/api/${path}`, options);
  } catch {
    throw new Error("The run does not answer: it has ended, or is just starting again.");
  }
  const said = await answer.json().catch(() => ({ message: `status ${answer.status}` }));
  if (!answer.ok) throw new Error(said.message || `status ${answer.status}`);
  return said;
}

export async function loadContent() {
  try {
    const content = await api("content");
    document.title = `${content.title} · event flow`;
    change({ content, problem: "", run: content.run });
  } catch (error) {
    change({ problem: error.message });
  }
}

export function follow() {
  let stream;
  const open = () => {
    stream = new EventSource(`/api/stream?token=${encodeURIComponent(saved.token)}`);
    stream.addEventListener("open", () => change({ connection: "live" }));
    stream.addEventListener("state", (event) => take(JSON.parse(event.data)));
    stream.addEventListener("error", () => {
      change({ connection: "lost" });
      if (stream.readyState === EventSource.CLOSED) setTimeout(open, 2000);
    });
  };
  open();
}

function take(told) {
  const edges = told.fresh ? new Map() : store.edges;
  const moved = store.moved;
  const now = performance.now();
  for (const [source, target, count] of told.edges) {
    const key = `${source} ${target}`;
    if (!told.fresh && (edges.get(key) || 0) < count) moved.set(key, now);
    edges.set(key, count);
  }
  if (store.run && told.run !== store.run) loadContent();
  change({
    connection: "live",
    run: told.run,
    total: told.total,
    outcomes: told.outcomes,
    settled: told.settled,
    nodes: { ...(told.fresh ? {} : store.nodes), ...told.nodes },
    edges,
    moved,
    letters: told.letters,
    recent: told.events,
    more: told.more,
    version: store.version + 1,
  });
}

export function readRoute() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [view = "flow", id = ""] = path.split("/");
  change({ route: { view: view || "flow", id: decodeURIComponent(id), query: Object.fromEntries(new URLSearchParams(query)) } });
}

export function go(path, query) {
  const asked = new URLSearchParams(Object.entries(query || {}).filter(([, value]) => value));
  location.hash = `#/${path}${[...asked].length ? `?${asked}` : ""}`;
}

export function nameOf(arn) {
  return store.content?.names[arn] || arn;
}
