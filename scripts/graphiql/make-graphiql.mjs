// Makes assets/graphiql.html.gz: GraphiQL 5 with all it needs (React, Monaco,
// its worker, the icon font) in one HTML page that asks nothing of any other
// host. Makes assets/LICENSE-graphiql too, the notices of what is in the page.
//
//   cd scripts/graphiql && npm ci --ignore-scripts && node make-graphiql.mjs
//
// The same package-lock.json gives the same page, and the same Node.js the same
// compressed bytes. Remove node_modules afterwards.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const assets = join(here, '..', '..', 'assets');

const TITLE = 'Carnet - GraphiQL';
const ENDPOINT = '/graphql';
// One tab each, in the order of their names.
const examples = join(here, 'exemples');
const TABS = readdirSync(examples)
  .sort()
  .map(name => ({ query: readFileSync(join(examples, name), 'utf8') }));
const HEADERS = `{
  // Votre jeton, entre guillemets, sans les deux barres :
  // "Authorization": "Bearer carnet_..."
}
`;

// The three Monaco workers (base, JSON, GraphQL) share most of their code, so
// they are one script here. Each sets `onmessage` when it is loaded; the name
// given to the Worker says which of the three handlers it keeps.
const workerModules = {
  'carnet:editor-handler': `import 'monaco-editor/esm/vs/editor/editor.worker.js';
    export const handler = globalThis.onmessage;`,
  'carnet:json-handler': `import 'monaco-editor/esm/vs/language/json/json.worker.js';
    export const handler = globalThis.onmessage;`,
  'carnet:graphql-handler': `import 'monaco-graphql/esm/graphql.worker.js';
    export const handler = globalThis.onmessage;`,
  'carnet:worker': `import { handler as editor } from 'carnet:editor-handler';
    import { handler as json } from 'carnet:json-handler';
    import { handler as graphql } from 'carnet:graphql-handler';
    const handlers = { json, graphql };
    globalThis.onmessage = handlers[globalThis.name] ?? editor;`,
};

// Smaller stand-ins for modules that the packages import.
const replaced = {
  // This name is the CommonJS twin of a module that is in the page already.
  'prettier/parser-graphql': 'prettier/plugins/graphql',
  // GraphiQL formats the variables and the headers (JSON with comments) with
  // Prettier's whole JavaScript parser. jsonc-parser is in the page already.
  'prettier/parser-babel': 'carnet:prettier-jsonc',
  'prettier/plugins/estree': 'carnet:prettier-jsonc',
};

const replacedModules = {
  'carnet:prettier-jsonc': `
    import { applyEdits, format } from 'jsonc-parser';
    export const parsers = {
      jsonc: {
        astFormat: 'carnet-jsonc',
        locStart: () => 0,
        locEnd: node => node.text.length,
        parse: text => {
          const options = { tabSize: 2, insertSpaces: true, eol: '\\n' };
          return { type: 'jsonc', text: applyEdits(text, format(text, undefined, options)) };
        },
      },
    };
    export const printers = { 'carnet-jsonc': { print: path => path.node.text } };
  `,
};

const pageModules = {
  'carnet:page': `
    import 'monaco-graphql/esm/monaco-editor.js'; // first, so that its styles come first
    import '@graphiql/react/style.css';
    import '@graphiql/plugin-doc-explorer/style.css';
    import '@graphiql/plugin-history/style.css';
    import 'graphiql/graphiql.css';
    import { createElement } from 'react';
    import { createRoot } from 'react-dom/client';
    import { GraphiQL } from 'graphiql';
    import { createGraphiQLFetcher } from '@graphiql/toolkit';
    import workerSource from 'carnet:worker-source';

    const workerUrl = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
    globalThis.MonacoEnvironment = {
      getWorker: (_id, label) => new Worker(workerUrl, { name: label }),
    };

    const url = new URL(${JSON.stringify(ENDPOINT)}, location.origin);
    const subscriptionUrl = new URL(url);
    subscriptionUrl.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';

    const fetcher = createGraphiQLFetcher({
      url: url.href,
      subscriptionUrl: subscriptionUrl.href,
      enableIncrementalDelivery: false,
    });
    createRoot(document.getElementById('graphiql')).render(
      createElement(
        GraphiQL,
        {
          fetcher,
          defaultTabs: ${JSON.stringify(TABS)},
          defaultHeaders: ${JSON.stringify(HEADERS)},
          defaultEditorToolsVisibility: 'headers',
        },
        createElement(GraphiQL.Logo, null, 'Carnet'),
      ),
    );
  `,
};

function virtualModules(modules) {
  return {
    name: 'carnet-virtual-modules',
    setup(b) {
      b.onResolve({ filter: /^carnet:/ }, ({ path }) => ({ path, namespace: 'carnet' }));
      b.onResolve({ filter: /^prettier\// }, ({ path, kind }) =>
        path in replaced ? b.resolve(replaced[path], { kind, resolveDir: here }) : undefined,
      );
      b.onLoad({ filter: /.*/, namespace: 'carnet' }, ({ path }) => ({
        contents: modules[path],
        loader: path.endsWith('-source') ? 'text' : 'js',
        resolveDir: here,
      }));
    },
  };
}

const packages = new Set(); // folders of the packages of which something is in the page
const comments = new Set(); // licence comments found in their sources

async function bundle(entry, modules) {
  const result = await build({
    entryPoints: { out: entry },
    outdir: here,
    absWorkingDir: here,
    plugins: [virtualModules(modules)],
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    charset: 'utf8',
    legalComments: 'external',
    format: 'iife',
    platform: 'browser',
    target: ['es2022'],
    conditions: ['production'],
    define: { 'process.env.NODE_ENV': '"production"' },
    loader: { '.ttf': 'dataurl' },
    logLevel: 'warning',
  });
  for (const output of Object.values(result.metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
      if (folder && bytesInOutput > 0) packages.add(folder);
    }
  }
  const text = name => result.outputFiles.find(f => f.path.endsWith(name))?.text ?? '';
  for (const [comment] of (text('.js.LEGAL.txt') + text('.css.LEGAL.txt')).matchAll(
    /\/\*[^]*?\*\/|(?:^\/\/.*\n?)+/gm,
  )) {
    comments.add(comment.trim());
  }
  return { js: text('out.js'), css: text('out.css') };
}

const worker = await bundle('carnet:worker', workerModules);
const page = await bundle('carnet:page', {
  ...pageModules,
  ...replacedModules,
  'carnet:worker-source': worker.js,
});

// Inside <script> and <style> only these sequences could end the element early.
const script = page.js.replace(/<(?=\/script|script|!--)/gi, '\\x3C').trim();
const style = page.css.replace(/<(?=\/style)/gi, '\\3c ').trim();

// The page carries its own policy: the script is allowed by its hash. The styles
// cannot be, Monaco makes new ones while it runs.
const policy = [
  "default-src 'none'",
  `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  "style-src 'unsafe-inline'",
  'img-src data:',
  'font-src data:',
  "connect-src 'self'",
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E" +
  "%3Crect x='2' y='1' width='12' height='14' rx='2' fill='%23d60590'/%3E" +
  "%3Cpath d='M5 1v14M7.5 5h4M7.5 8h4' stroke='%23fff'/%3E%3C/svg%3E";

const html = `<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${TITLE}</title>
<link rel="icon" href="${icon}">
<style>html,body{height:100%;margin:0}#graphiql{height:100%}#graphiql>p{font-family:sans-serif;margin:2rem}</style>
<style>${style}</style>
</head>
<body>
<div id="graphiql"><p>Chargement de GraphiQL…</p></div>
<noscript><p>GraphiQL a besoin de JavaScript.</p></noscript>
<script>${script}</script>
</body>
</html>
`;

// Packages under the same licence text share it; each keeps its copyright lines.
function packageNotices() {
  const groups = new Map();
  for (const folder of [...packages].sort()) {
    const read = name => readFileSync(join(here, folder, name), 'utf8').replace(/\r/g, '').trim();
    const { name, version, license, author } = JSON.parse(read('package.json'));
    const file = readdirSync(join(here, folder)).find(f => /^licen[cs]e/i.test(f));
    let text = file && read(file);
    let owners = [];
    if (!text) {
      if (license !== 'MIT') throw new Error(`${name}: no licence text`);
      owners = [`(its package has no licence file) ${author?.name ?? author ?? ''}`.trim()];
    } else if (license !== 'Apache-2.0') {
      const isOwner = line => /^\s*(Copyright|All rights reserved)/.test(line);
      owners = text.split('\n').filter(isOwner).map(line => line.trim());
      text = text.split('\n').filter(line => !isOwner(line)).join('\n');
      text = text.replace(/^\W*(the )?mit license.*$/im, '').replace(/\n{3,}/g, '\n\n').trim();
    }
    const key = text ? text.replace(/[^a-z]+/gi, '').toLowerCase() : 'none';
    if (!groups.has(key)) groups.set(key, { license, text, lines: new Set() });
    groups.get(key).lines.add([`${name} ${version}`, ...owners].join('\n    '));
  }
  const none = groups.get('none');
  if (none) {
    groups.delete('none');
    const mit = [...groups.values()].find(({ license }) => license === 'MIT');
    for (const line of none.lines) mit.lines.add(line);
  }
  return [...groups.values()].map(
    ({ license, lines, text }) => `${license}\n\n${[...lines].join('\n')}\n\n${text}`,
  );
}

// What Monaco and Prettier hold inside, of others. Only what is in the page: no
// TypeScript, HTML or Swift for Monaco, only the core and GraphQL for Prettier.
function innerNotices() {
  const monaco = readFileSync(join(here, 'node_modules/monaco-editor/ThirdPartyNotices.txt'), 'utf8')
    .replace(/\r/g, '')
    .split(/^%% /m)
    .filter(part => /^(nodejs path library|markedjs) /.test(part))
    .map(part => `In monaco-editor: ${part.trim()}`);
  const inner = new Set([
    '@babel/code-frame', '@babel/helper-validator-identifier', 'camelcase', 'diff', 'emoji-regex',
    'escape-string-regexp', 'get-east-asian-width', 'graphql', 'js-tokens', 'leven', 'narrow-emojis',
    'picocolors', 'tiny-levenshtein', 'to-fast-properties', 'vnopts',
  ]);
  const prettier = readFileSync(join(here, 'node_modules/prettier/THIRD-PARTY-NOTICES.md'), 'utf8')
    .split(/^## /m)
    .filter(part => inner.has(/^(.+)@v/.exec(part)?.[1]))
    .map(part => `In prettier: ${part.replace(/^> ?/gm, '').replace(/-{20,}\s*$/, '').trim()}`);
  if (monaco.length !== 2 || prettier.length !== inner.size) throw new Error('a notice is missing');
  return [...monaco, ...prettier];
}

const notices = [
  'graphiql.html.gz is made by scripts/graphiql/make-graphiql.mjs out of the packages\n' +
    'below. Each stays under its own licence, whose text or notice follows.',
  ...packageNotices(),
  'In monaco-editor: the icon font codicon.ttf (vscode-codicons)\n' +
    'Copyright (c) Microsoft Corporation. Licensed under the Creative Commons Attribution 4.0\n' +
    'International licence, https://creativecommons.org/licenses/by/4.0/legalcode. Not modified.',
  ...innerNotices(),
  `Licence comments of the sources\n\n${[...comments].sort().join('\n\n')}`,
];
const text = `${notices.join(`\n\n${'-'.repeat(78)}\n\n`)}\n`.replace(/[ \t]+$/gm, '');
// zlib writes no name and no time in the gzip header; byte 9 names the system
// that compressed, which is the one thing that could differ.
const gz = gzipSync(html, { level: 9 });
gz[9] = 255;
mkdirSync(assets, { recursive: true });
writeFileSync(join(assets, 'graphiql.html.gz'), gz);
writeFileSync(join(assets, 'LICENSE-graphiql'), text);

console.log(`graphiql.html.gz: ${gz.length} bytes (${Buffer.byteLength(html)} bytes of HTML)`);
