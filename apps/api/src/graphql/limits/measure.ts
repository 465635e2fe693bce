import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getArgumentValues,
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isListType,
  isNonNullType,
  isObjectType,
  isInterfaceType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** How much an operation asks for. */
export interface Measure {
  /** Fields inside one another. */
  readonly depth: number;
  /** Fields with an alias. */
  readonly aliases: number;
  /** Each field once for every object that it may be read from. */
  readonly cost: number;
}

/** What a list without `first` is taken to hold. */
const ASSUMED_LENGTH = 10;
/** What a field costs that counts more than a value in a row: a statement or a call to the chain. */
const OBJECT_COST = 2;

type Variables = Readonly<Record<string, unknown>>;

/**
 * Measures a valid operation; a document that was validated has no circles among its fragments. Fragments are measured once,
 * however often they are spread, so that it takes no longer than reading the document.
 */
export function measureOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): Measure {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const known = new Map<string, Measure>();

  function measureSet(set: SelectionSetNode, parent: GraphQLNamedType | undefined, first: number): Measure {
    let [depth, aliases, cost] = [0, 0, 0];
    for (const selection of set.selections) {
      const part =
        selection.kind === Kind.FIELD
          ? measureField(selection, parent, first)
          : selection.kind === Kind.FRAGMENT_SPREAD
            ? measureFragment(selection.name.value, first)
            : measureSet(selection.selectionSet, typeOf(selection.typeCondition?.name.value) ?? parent, first);
      depth = Math.max(depth, part.depth);
      aliases += part.aliases;
      cost += part.cost;
    }
    return { depth, aliases, cost };
  }

  function measureFragment(name: string, first: number): Measure {
    const key = `${name} ${first}`;
    let measure = known.get(key);
    if (measure === undefined) {
      const { selectionSet, typeCondition } = fragments.get(name)!;
      measure = measureSet(selectionSet, typeOf(typeCondition.name.value), first);
      known.set(key, measure);
    }
    return measure;
  }

  /** @param first rows of the connection whose field this is */
  function measureField(node: FieldNode, parent: GraphQLNamedType | undefined, first: number): Measure {
    const alias = node.alias === undefined ? 0 : 1;
    const field = fieldOf(parent, node.name.value);
    // Introspection has a rule of its own and costs no statement.
    if (field === undefined || node.selectionSet === undefined) return { depth: 1, aliases: alias, cost: 1 };
    const rows = rowsOf(field, node);
    const isList = isListType(isNonNullType(field.type) ? field.type.ofType : field.type);
    const times = isList ? (first > 0 ? first : ASSUMED_LENGTH) : 1;
    const inner = measureSet(node.selectionSet, getNamedType(field.type), rows);
    return { depth: inner.depth + 1, aliases: inner.aliases + alias, cost: OBJECT_COST + times * inner.cost };
  }

  function rowsOf(field: GraphQLField<unknown, unknown>, node: FieldNode): number {
    if (!field.args.some(({ name }) => name === 'first')) return 0;
    const { first } = getArgumentValues(field, node, variables);
    return typeof first === 'number' && first > 0 ? first : 0;
  }

  function typeOf(name: string | undefined): GraphQLNamedType | undefined {
    return name === undefined ? undefined : schema.getType(name);
  }

  return measureSet(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined, 0);
}

function fieldOf(type: GraphQLNamedType | undefined, name: string): GraphQLField<unknown, unknown> | undefined {
  if (type === undefined || (isAbstractType(type) && !isInterfaceType(type))) return undefined;
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}
