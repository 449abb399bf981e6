// Stands in for rapid-client.node, the part of AWS's runtime client for Node that is written in C++: the Runtime API, for
// the client's own JavaScript. Loaded before it by `node --require`.
"use strict";

const http = require("node:http");
const Module = require("node:module");

const { hostname, port } = new URL(`http://${process.env.AWS_LAMBDA_RUNTIME_API}`);
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let posted = Promise.resolve();

function call(method, path, body = "", headers = {}) {
  const content = Buffer.from(body);
  const sent = { "Content-Type": "application/json", "Content-Length": content.length, ...headers };
  return new Promise((resolve, reject) => {
    const options = { hostname, port, agent, method, path: `/2018-06-01/runtime/invocation/${path}`, headers: sent };
    const request = http.request(options, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part)).on("error", reject);
      response.on("end", () => resolve({ headers: response.headers, bodyJson: Buffer.concat(parts).toString() }));
    });
    request.on("error", reject).end(content);
  });
}

const client = {
  async next() {
    await posted;
    const event = await call("GET", "next");
    const deadline = Number(event.headers["lambda-runtime-deadline-ms"]);
    return { ...event, headers: { ...event.headers, "lambda-runtime-deadline-ms": deadline } };
  },
  done(id, body) {
    posted = call("POST", `${id}/response`, body);
  },
  error(id, body, cause) {
    posted = call("POST", `${id}/error`, body, { "Lambda-Runtime-Function-XRay-Error-Cause": cause.replace(/[^\x20-\x7e]/g, "?") });
  },
};

const load = Module._load;
Module._load = (request, ...rest) => (request.endsWith("rapid-client.node") ? client : load(request, ...rest));
