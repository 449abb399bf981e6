// The page: its head with the counters, its views, and the way between them.
import { html, render, useEffect, useState } from "./vendor/htm-preact.js";
import { change, follow, go, isLive, loadContent, readRoute, store, takeToken, useStore } from "./store.js";
import { GLYPHS, State } from "./parts.js";
import { FlowView } from "./flow.js";
import { EventsView, STATES } from "./events.js";
import { SamplesView, SendView } from "./send.js";
import { LettersView } from "./letters.js";
import { DifferenceView, EnvironmentsView, FindingsView } from "./others.js";

const VIEWS = isLive
  ? { flow: ["Flow", FlowView], events: ["Events", EventsView], send: ["Send", SendView], letters: ["Dead letters", LettersView], environments: ["Environments", EnvironmentsView], findings: ["Findings", FindingsView], diff: ["Difference", DifferenceView] }
  : { flow: ["Flow", FlowView], samples: ["Samples", SamplesView], findings: ["Findings", FindingsView], ...(store.content.difference ? { diff: ["Difference", DifferenceView] } : {}) };
const CONNECTION = { live: "live", connecting: "connecting…", lost: "not connected, trying again…", static: "" };
const THEMES = ["auto", "light", "dark"];

function setTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try { localStorage.setItem("theme", theme); } catch { /* it is for this time only */ }
}

function Page() {
  const state = useStore();
  const [theme, setOwn] = useState(() => { try { return localStorage.getItem("theme") || "auto"; } catch { return "auto"; } });
  useEffect(() => setTheme(theme), [theme]);
  const { content, route } = state;
  const dead = Object.values(state.letters).reduce((sum, each) => sum + each, 0);
  useEffect(() => {
    const link = document.querySelector("nav [aria-current]");
    const box = link?.getBoundingClientRect();
    // Only where it is out of sight: a browser may let the next Tab begin at what was scrolled to.
    if (box && (box.left < 0 || box.right > innerWidth)) link.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [route.view]);
  const [, View] = VIEWS[route.view] || VIEWS.flow;
  const current = VIEWS[route.view] ? route.view : "flow";
  const counts = { events: state.total, letters: dead, findings: content?.findings.filter((each) => each.severity !== "info").length };
  return html`<a class="skip" href="#main" onClick=${(event) => { event.preventDefault(); document.getElementById("main").focus(); }}>To the content</a>
    <header class="head">
      <h1>${content?.title || "Event flow"}</h1>
      ${isLive ? html`<p class=${`connection ${state.connection}`} role="status"><span aria-hidden="true">●</span> ${CONNECTION[state.connection]}${state.connection === "live" ? (state.settled ? ", nothing is on its way" : ", events are on their way") : ""}</p>` : null}
      <p class="tally" aria-label="Events by what they ended as">${STATES.filter((name) => state.outcomes[name]).map((name) => [name, state.outcomes[name]]).map(([name, count]) => html`<a href=${`#/events?state=${name}`}><${State} state=${name} /> ${count.toLocaleString("en")}</a>`)}</p>
      <label class="theme"><span class="hidden">Colours</span><select value=${theme} onChange=${(event) => setOwn(event.currentTarget.value)}>${THEMES.map((each) => html`<option value=${each}>${each}</option>`)}</select></label>
    </header>
    <nav aria-label="Views"><ul>${Object.entries(VIEWS).map(([name, [title]]) => html`<li><a href=${`#/${name}`} aria-current=${name === current ? "page" : undefined}>${title}${counts[name] ? html` <span class=${`badge${name === "letters" ? " dead" : ""}`}>${counts[name].toLocaleString("en")}</span>` : null}</a></li>`)}</ul></nav>
    <main id="main" tabindex="-1">
      ${state.problem ? html`<p class="problem" role="alert">${state.problem}</p>` : null}
      ${content ? html`<${View} />` : state.problem ? null : html`<p class="muted">…</p>`}
    </main>`;
}

addEventListener("hashchange", readRoute);
if (isLive) {
  takeToken();
  loadContent();
  follow();
} else {
  document.title = `${store.content.title} · event flow`;
}
Object.assign(GLYPHS, store.content?.glyphs);
readRoute();
if (!location.hash) go("flow");
change({});
render(html`<${Page} />`, document.getElementById("app"));
