import { type Context, inline } from '../src/base/context.ts';
import { ensure } from '../src/base/result.ts';
import { createCatalog } from '../src/catalog/catalog.ts';
import { generateFabric } from '../src/fabric/generate.ts';
import type { Fabric, Flows } from '../src/fabric/types.ts';
