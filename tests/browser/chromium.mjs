// Unpacks the Chromium of the npm package, with the libraries that a bare Linux lacks, and prints where they are.
import chromium, { inflate } from "@sparticuz/chromium";
import { fileURLToPath } from "node:url";

chromium.setGraphicsMode = false;
const program = await chromium.executablePath();
let libraries = "";
try {
  libraries = await inflate(fileURLToPath(new URL("./node_modules/@sparticuz/chromium/bin/al2023.tar.br", import.meta.url)));
} catch { /* the machine's own have to do */ }
console.log(JSON.stringify({ program, libraries }));
