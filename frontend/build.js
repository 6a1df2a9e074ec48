/** Builds wardsite/static/vendor/editor/: editor.js, editor.css, LICENSES.txt. Same input, same bytes. */
import { build } from "esbuild";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const OUT = "../wardsite/static/vendor/editor";

const result = await build({
  entryPoints: { editor: "src/main.js", shrink: "src/shrink-inputs.js" },
  outdir: OUT,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome100", "edge100", "firefox100", "safari15.4"],
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  banner: { js: "/* wardsite editor; contains the works listed in LICENSES.txt */" },
});
const styles = await build({
  entryPoints: { editor: "src/editor.css" },
  outdir: OUT,
  minify: true,
  charset: "utf8",
});
if (result.warnings.length || styles.warnings.length) process.exitCode = 1;

writeFileSync(`${OUT}/LICENSES.txt`, licences(Object.keys(result.metafile.inputs)));
for (const name of ["editor.js", "shrink.js", "editor.css"]) {
  const bytes = readFileSync(`${OUT}/${name}`);
  console.log(`${name}: ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} compressed`);
}

/** Name, version and licence text of every package a bundled file comes from. */
function licences(files) {
  const names = new Set(
    files.map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]).filter(Boolean),
  );
  const entries = [...names].sort().map((name) => {
    const folder = `node_modules/${name}`;
    const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} carries no licence text`);
    return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
  });
  return `Works contained in editor.js\n\n${entries.join(`\n${"-".repeat(72)}\n\n`)}`;
}
