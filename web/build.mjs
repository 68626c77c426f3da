// Builds web/dist: the site's style and script under hashed names, the widget under its lasting name.
//
//   dist/static/site.<hash>.css   dist/static/site.<hash>.js   dist/static/icon.<hash>.svg
//   dist/widget/v1/iio-ask.js     dist/assets.json  (logical name -> hashed name)

import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, "dist");

const common = {
  bundle: true,
  minify: true,
  write: false,
  legalComments: "none",
  target: ["chrome109", "firefox115", "safari16.4"],
  logLevel: "warning",
};

/** Lets a module import a style sheet as text, minified: `import styles from "./ask.css"`. */
const styleAsText = {
  name: "style-as-text",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const { code } = await esbuild.transform(source, {
        loader: "css",
        minify: true,
        target: common.target,
      });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

/** Bundles one entry and returns its bytes. */
async function bundle(entry, options = {}) {
  const result = await esbuild.build({
    ...common,
    ...options,
    entryPoints: [join(root, entry)],
    outdir: dist,
  });
  return Buffer.from(result.outputFiles[0].contents);
}

async function put(path, bytes) {
  const target = join(dist, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, bytes);
  const kilobytes = (gzipSync(bytes, { level: 9 }).length / 1000).toFixed(1);
  console.log(`${path.padEnd(34)} ${kilobytes.padStart(5)} kB gzip`);
}

async function putHashed(name, bytes) {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const hashed = `${basename(name, extname(name))}.${hash}${extname(name)}`;
  await put(`static/${hashed}`, bytes);
  return [name, hashed];
}

await rm(dist, { recursive: true, force: true });
const assets = [
  await putHashed("site.css", await bundle("src/site.css")),
  await putHashed("site.js", await bundle("src/site.js", { format: "esm" })),
  await putHashed("icon.svg", await readFile(join(root, "src/icon.svg"))),
];
await put(
  "widget/v1/iio-ask.js",
  await bundle("src/widget/iio-ask.js", { format: "esm", charset: "utf8", plugins: [styleAsText] }),
);
await writeFile(join(dist, "assets.json"), `${JSON.stringify(Object.fromEntries(assets), null, 2)}\n`);
