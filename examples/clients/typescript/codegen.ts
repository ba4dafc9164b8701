import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: '../../../schema.graphql',
  emitLegacyCommonJSImports: false,
  importExtension: '.js',
  documents: 'src/*.ts',
  generates: {
    'src/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: 'string',
        enumsAsTypes: true,
        useTypeImports: true,
        strictScalars: true,
        // All of them travel as strings.
        scalars: {
          Cents: 'string',
          Date: 'string',
          DateTime: 'string',
          Decimal: 'string',
          InseeCode: 'string',
          JSONObject: 'Record<string, unknown>',
          LocalTime: 'string',
          OpeningHours: 'string',
          Position: 'string',
          UUID: 'string',
        },
      },
    },
  },
};

export default config;
