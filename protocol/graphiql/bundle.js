// Bundles GraphiQL into the folder given as the argument: index.html, and hashed files in assets/.
//
// Monaco's workers are bundled first, each into one file, because the page has to know their names:
// a worker is started by URL, and ours must come from our own origin.

import { build } from 'esbuild';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

const home = dirname(fileURLToPath(import.meta.url));
const dist = resolve(home, process.argv[2] ?? 'dist');
const assets = join(dist, 'assets');

const WORKERS = {
  editor: 'monaco-editor/esm/vs/editor/editor.worker.js',
  graphql: 'monaco-graphql/esm/graphql.worker.js',
  json: 'monaco-editor/esm/vs/language/json/json.worker.js',
};

const COMPRESSIBLE = /\.(css|js|svg|ttf)$/;

// GraphiQL shows the image behind a URL in an answer when the pointer rests on it. Pictures of pins
// are on other hosts, and this page asks no other host for anything.
const withoutImagePreview = {
  name: 'without-image-preview',
  setup({ onResolve }) {
    onResolve({ filter: /\/image-preview\.js$/ }, () => ({
      path: join(home, 'src', 'image-preview.js'),
    }));
  },
};

const options = {
  absWorkingDir: home,
  bundle: true,
  minify: true,
  target: 'es2022',
  outdir: assets,
  entryNames: '[name]-[hash]',
  chunkNames: 'chunk-[hash]',
  assetNames: '[name]-[hash]',
  metafile: true,
  logLevel: 'warning',
  legalComments: 'linked',
  define: { 'process.env.NODE_ENV': '"production"' },
};

const { metafile: workers } = await build({ ...options, entryPoints: WORKERS, format: 'iife' });
const { metafile: page } = await build({
  ...options,
  entryPoints: { main: 'src/main.jsx', icon: 'src/icon.svg' },
  format: 'esm',
  splitting: true,
  jsx: 'automatic',
  loader: { '.svg': 'copy', '.ttf': 'file' },
  plugins: [withoutImagePreview],
  // GraphiQL calls an icon what its function is called.
  keepNames: true,
  define: {
    ...options.define,
    WORKERS: JSON.stringify(entries(workers)),
    EXAMPLES: JSON.stringify(await examples()),
  },
});

await writeIndex();
await compress();

/** The file name of each entry point: `{ editor: 'editor-1A2B3C4D.js' }`. */
function entries(metafile) {
  return Object.fromEntries(
    Object.entries(metafile.outputs)
      .filter(([, output]) => output.entryPoint)
      .map(([path]) => [basename(path).replace(/-[^-]*$/, ''), basename(path)]),
  );
}

/** index.html with the names of its files; `%ASSETS%` and what follows it are the server's. */
async function writeIndex() {
  const { main, icon } = entries(page);
  const outputs = Object.values(page.outputs);
  const { cssBundle } = outputs.find((output) => output.entryPoint === 'src/main.jsx');
  const html = await readFile(join(home, 'src', 'index.html'), 'utf8');
  await writeFile(
    join(dist, 'index.html'),
    html.replace('%SCRIPT%', main).replace('%STYLE%', basename(cssBundle)).replace('%ICON%', icon),
  );
}

/** Writes each file once more with gzip, so that no request waits for it. */
async function compress() {
  const names = (await readdir(assets)).filter((name) => COMPRESSIBLE.test(name));
  await Promise.all(
    names.map(async (name) => {
      const content = await readFile(join(assets, name));
      const level = constants.Z_BEST_COMPRESSION;
      await writeFile(join(assets, `${name}.gz`), await promisify(gzip)(content, { level }));
    }),
  );
}

/** The operations of examples/ in the order of their names, each with the variables beside it. */
async function examples() {
  const folder = join(home, 'examples');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.graphql')).sort();
  const text = async (name) => (await readFile(join(folder, name), 'utf8')).trimEnd();
  return Promise.all(
    names.map(async (name) => ({
      query: await text(name),
      variables: await text(name.replace('.graphql', '.json')),
    })),
  );
}
