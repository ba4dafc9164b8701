import type { CodegenConfig } from '@graphql-codegen/cli';
import plain from './codegen.ts';

// The same documents, and a manifest of them (persisted-documents.json) for the directory that the setting
// « trusted_documents » names. The client then sends `documentId: document.__meta__.hash` in place of the text.
const { preset, presetConfig, config: options } = plain.generates['src/generated/'] as {
  preset: 'client';
  presetConfig: object;
  config: object;
};

const config: CodegenConfig = {
  ...plain,
  generates: {
    'build/trusted/': {
      preset,
      presetConfig: { ...presetConfig, persistedDocuments: { hashAlgorithm: 'sha256' } },
      config: options,
    },
  },
};

export default config;
