import { z } from 'zod';

/** What the schema knows about a setting beyond its type; error texts are made of it. */
export interface FieldNotes {
  /** Completes the sentence "allowed: ...". */
  allowed: string;
  /** The value is never shown, not even a wrong one. */
  secret?: boolean;
}

const notes = z.registry<FieldNotes>();

/** Attaches the notes to a schema and returns the same schema. Must be the last step that builds it. */
export function noted<Schema extends z.ZodType>(schema: Schema, note: FieldNotes): Schema {
  notes.add(schema, note);
  return schema;
}

/** The notes of a setting: of its own schema, or of what an optional or a default wraps. */
export function notesOf(schema: z.ZodType): FieldNotes | undefined {
  const own = notes.get(schema);
  if (own !== undefined) return own;
  const inner = wrapped(schema);
  return inner === undefined ? undefined : notesOf(inner);
}

/** The notes of the keys of a mapping with free keys. */
export function keyNotesOf(schema: z.ZodType): FieldNotes | undefined {
  if (schema instanceof z.ZodRecord) return notesOf(schema.keyType as unknown as z.ZodType);
  const inner = wrapped(schema);
  return inner === undefined ? undefined : keyNotesOf(inner);
}

/** Keys of a section; undefined when the schema is none. */
export function keysOf(schema: z.ZodType): string[] | undefined {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodUnion) {
    const options = schema.options as readonly z.ZodType[];
    return options.map(keysOf).find((keys) => keys !== undefined);
  }
  const inner = wrapped(schema);
  return inner === undefined ? undefined : keysOf(inner);
}

/** The schema of the setting at `path`; undefined where nothing is defined. */
export function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  const next = child(schema, key);
  return next === undefined ? undefined : schemaAt(next, rest);
}

function child(schema: z.ZodType, key: PropertyKey): z.ZodType | undefined {
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Record<PropertyKey, z.ZodType>;
    return Object.hasOwn(shape, key) ? shape[key] : undefined;
  }
  if (schema instanceof z.ZodArray) {
    return typeof key === 'number' ? (schema.element as z.ZodType) : undefined;
  }
  if (schema instanceof z.ZodRecord) return schema.valueType as z.ZodType;
  if (schema instanceof z.ZodUnion) {
    const options = schema.options as readonly z.ZodType[];
    return options.map((option) => child(option, key)).find((found) => found !== undefined);
  }
  const inner = wrapped(schema);
  return inner === undefined ? undefined : child(inner, key);
}

function wrapped(schema: z.ZodType): z.ZodType | undefined {
  // A preprocess has its schema behind the step, everything else before it.
  if (schema instanceof z.ZodPipe)
    return (schema.in instanceof z.ZodTransform ? schema.out : schema.in) as z.ZodType;
  if (
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional
  ) {
    return schema.unwrap() as z.ZodType;
  }
  return undefined;
}
