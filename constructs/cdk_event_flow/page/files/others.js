// Environments, findings, and the difference of two templates.
import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { api, isLive, useStore } from "./store.js";
import { Problem, clock, many } from "./parts.js";

export function EnvironmentsView() {
  const state = useStore();
  const [found, setFound] = useState(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => api("environments").then((all) => { setFound(all); setProblem(""); }, (error) => setProblem(error.message)), 300);
    return () => clearTimeout(timer);
  }, [state.version]);
  if (!found) return html`<section class="view"><h2>Environments</h2><${Problem} text=${problem} /></section>`;
  return html`<section class="view" aria-label="Environments"><h2>Execution environments</h2>
    <${Problem} text=${problem} />
    ${found.provisioned.map((each) => html`<p>${each.function}: ${each.count} are provisioned on AWS for ${each.name}; here environments start when they are needed.</p>`)}
    ${found.environments.length ? html`<div class="scroll" tabindex="0" role="region" aria-label="All environments"><table class="grid"><caption class="muted">${many(found.all, "environment")}${found.all > found.environments.length ? `, the newest ${found.environments.length} are listed` : ""}</caption>
      <thead><tr><th scope="col">function</th><th scope="col">environment</th><th scope="col">state</th><th scope="col">began</th><th scope="col" class="number">init</th><th scope="col" class="number">invocations</th><th scope="col" class="number">failed</th><th scope="col" class="number">memory</th><th scope="col">why it is gone</th></tr></thead>
      <tbody>${found.environments.map((each) => html`<tr key=${each.name}><th scope="row">${each.function}${each.version && each.version !== "$LATEST" ? html` <span class="muted">${each.version}</span>` : null}</th>
        <td><code>${each.name.slice(0, 12)}</code></td>
        <td><span class=${`state ${each.state === "gone" ? (each.killed ? "dropped" : "handed-on") : each.state === "busy" ? "pending" : "processed"}`}>${each.state}</span></td>
        <td>${each.began ? clock(each.began) : "starting"}</td><td class="number">${Math.round(each.initMs)} ms</td><td class="number">${each.invocations}</td>
        <td class=${`number${each.failures ? " bad" : ""}`}>${each.failures}</td><td class="number">${each.memory}${each.limit ? ` of ${each.limit}` : ""} MB</td><td>${each.killed}</td></tr>`)}</tbody></table></div>`
      : html`<p class="muted">None was started yet: the first invocation of a function starts one.</p>`}
  </section>`;
}

const SEVERITIES = { error: "✗", warning: "!", info: "i" };

export function FindingsView() {
  const { content } = useStore();
  return html`<section class="view" aria-label="Findings"><h2>${content.findings.length ? many(content.findings.length, "finding") : "Nothing found"}</h2>
    ${content.findings.map((each) => html`<article class=${`finding ${each.severity}`}>
      <h3><span class="mark" aria-hidden="true">${SEVERITIES[each.severity]}</span> <span class="muted">${each.severity} ${each.id}</span> ${each.title}</h3>
      <p class="path">${each.path}</p>
      <p>${each.what}</p><p class="muted">${each.why}. <a href=${each.docs} target="_blank" rel="noopener noreferrer">AWS's documentation</a></p>
      <p><span aria-hidden="true">→ </span>${each.fix}</p>
    </article>`)}
  </section>`;
}

export function DifferenceView() {
  const { content } = useStore();
  const [path, setPath] = useState("cdk.out");
  const [found, setFound] = useState(content.difference || null);
  const [problem, setProblem] = useState("");
  const ask = async (event) => {
    event.preventDefault();
    try { setFound(await api("diff", { path })); setProblem(""); } catch (error) { setFound(null); setProblem(error.message); }
  };
  return html`<section class="view" aria-label="Difference"><h2>What changes${isLive ? " from the flow that runs" : ""}</h2>
    ${isLive ? html`<form class="bar" onSubmit=${ask}><label class="grow">to the template or folder <input value=${path} onInput=${(event) => setPath(event.currentTarget.value)} placeholder="cdk.out" /></label><button type="submit" class="main">Compare</button></form>` : null}
    <${Problem} text=${problem} />
    ${found ? html`
      ${!found.hops.length && !found.rerouted.length ? html`<p>No hop changes.</p>` : null}
      ${found.hops.length ? html`<h3>Hops</h3><ul class="plain changes">${found.hops.map((hop) => html`<li class=${hop.kind}><span class="mark" aria-hidden="true">${{ added: "+", removed: "−", changed: "~" }[hop.kind]}</span> <span class="muted">${hop.kind}</span> ${[...new Set([hop.source, hop.by, hop.target])].join(" → ")}
        ${hop.details.length ? html`<ul>${hop.details.map((each) => html`<li>${each}</li>`)}</ul>` : null}</li>`)}</ul>` : null}
      ${found.rerouted.length ? html`<h3>Events that go elsewhere</h3>${found.rerouted.map((each) => html`<article class="rerouted"><p>on ${each.on}
        ${each.gained.length ? html`<span class="good">now reaches ${each.gained.join(", ")}</span>` : null} ${each.lost.length ? html`<span class="bad">no longer reaches ${each.lost.join(", ")}</span>` : null}</p>
        <pre class="code" tabindex="0" role="region" aria-label="The event">${JSON.stringify(each.event, null, 2)}</pre></article>`)}` : null}` : null}
  </section>`;
}
