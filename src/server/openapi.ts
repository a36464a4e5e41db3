import { readFileSync } from 'node:fs';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { operations } from './schemas.ts';

/** GET /api/openapi.json; the plan's own schema is the published one. */
export function describe(app: OpenAPIHono, version: string): void {
  const registry = app.openAPIRegistry;
  for (const operation of operations) registry.registerPath(operation);
  for (const [name, schema] of Object.entries(publishedComponents()))
    registry.registerComponent('schemas', name, schema);
  registry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  app.doc31('/api/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Planewright',
      version,
      description:
        'Designs the network of a training cluster. Errors and warnings are the issues of the command.',
      license: { name: 'MIT' },
    },
    security: [{}, { token: [] }],
  });
}

/** The published schemas; definitions of all but the plan's carry the name of their document: some differ. */
const PUBLISHED = { plan: 'Plan', advice: 'Advice', scaling: 'Scaling', search: 'Search' } as const;

function publishedComponents(): Record<string, Record<string, unknown>> {
  return Object.assign({}, ...Object.entries(PUBLISHED).map(([file, name]) => componentsOf(file, name)));
}

/** A schema file with its definitions as components of their own. */
function componentsOf(file: string, name: string): Record<string, unknown> {
  const prefix = name === PUBLISHED.plan ? '' : `${name}.`;
  const text = readFileSync(new URL(`../../schema/${file}.schema.json`, import.meta.url), 'utf8').replaceAll(
    '"#/$defs/',
    `"#/components/schemas/${prefix}`,
  );
  const { $schema: _, $defs = {}, ...whole } = JSON.parse(text) as { $schema: string; $defs?: object };
  const own = Object.entries($defs).map(([definition, schema]) => [`${prefix}${definition}`, schema]);
  return { [name]: whole, ...Object.fromEntries(own) };
}
