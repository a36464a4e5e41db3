import path from 'node:path';
import ts from 'typescript';

/**
 * A JSON Schema (2020-12) of an exported interface, from the types themselves and their comments: what the plan's
 * readers may rely on is then what the compiler holds us to. Knows what plain data needs: objects, lists, unions
 * of literals, null, optional members; anything else is an error, since it would not be plain data.
 */
export function schemaOfType(root, file, name, title) {
  const options = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts'],
    strict: true,
    exactOptionalPropertyTypes: true,
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  };
  const program = ts.createProgram([path.join(root, file)], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(path.join(root, file));
  const symbol = checker.getExportsOfModule(checker.getSymbolAtLocation(source)).find((s) => s.name === name);
  if (symbol === undefined) throw new Error(`${file} exports no ${name}`);
  const definitions = {};
  const schema = convert(checker.getDeclaredTypeOfSymbol(symbol), name);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title,
    ...definitions[name],
    $defs: Object.fromEntries(Object.entries(definitions).filter(([key]) => key !== name)),
    ...(schema.$ref === undefined && schema),
  };

  /** The schema of a type; named interfaces become definitions, so that each is said once. */
  function convert(type, where) {
    if (type.isUnion()) return union(type, where);
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    if (type.flags & ts.TypeFlags.BooleanLiteral) return { const: checker.typeToString(type) === 'true' };
    if (type.flags & ts.TypeFlags.String) return { type: 'string' };
    if (type.flags & ts.TypeFlags.Number) return { type: 'number' };
    if (type.flags & ts.TypeFlags.Boolean) return { type: 'boolean' };
    if (type.flags & ts.TypeFlags.Null) return { type: 'null' };
    if (checker.isArrayType(type))
      return { type: 'array', items: convert(checker.getTypeArguments(type)[0], where) };
    if (checker.isTupleType(type)) {
      const parts = checker.getTypeArguments(type).map((t) => convert(t, where));
      return { type: 'array', prefixItems: parts, items: false, minItems: parts.length };
    }
    if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) {
      throw new Error(`${where}: ${checker.typeToString(type)} is not plain data`);
    }
    const named = type.aliasSymbol ?? type.symbol;
    const own = named?.name;
    if (own === undefined || own.startsWith('__') || type.aliasTypeArguments?.length)
      return object(type, where);
    if (definitions[own] === undefined) {
      definitions[own] = {}; // A type that holds itself finds its name here.
      definitions[own] = { ...described(named), ...object(type, own) };
    }
    return { $ref: `#/$defs/${own}` };
  }

  function union(type, where) {
    const members = type.types.filter((t) => !(t.flags & ts.TypeFlags.Undefined));
    if (members.every((t) => t.flags & ts.TypeFlags.BooleanLiteral)) return { type: 'boolean' };
    const literals = members.filter((t) => t.isStringLiteral() || t.isNumberLiteral());
    const rest = members.filter((t) => !literals.includes(t)).map((t) => convert(t, where));
    const parts = [...(literals.length > 0 ? [{ enum: literals.map((t) => t.value) }] : []), ...rest];
    return parts.length === 1 ? parts[0] : { anyOf: parts };
  }

  function object(type, where) {
    const properties = {};
    const required = [];
    for (const member of checker.getPropertiesOfType(type)) {
      const optional = (member.flags & ts.SymbolFlags.Optional) !== 0;
      properties[member.name] = {
        ...described(member),
        ...convert(checker.getTypeOfSymbol(member), `${where}.${member.name}`),
      };
      if (!optional) required.push(member.name);
    }
    // Records whose keys are data.
    const indexed = checker.getIndexTypeOfType(type, ts.IndexKind.String);
    const additionalProperties = indexed === undefined ? false : convert(indexed, where);
    return { type: 'object', properties, required, additionalProperties };
  }

  function described(symbol) {
    const text = ts.displayPartsToString(symbol.getDocumentationComment(checker)).replace(/\s+/g, ' ').trim();
    return text === '' ? {} : { description: text };
  }
}
