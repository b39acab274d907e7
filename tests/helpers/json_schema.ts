/**
 * As much of JSON Schema 2020-12 as docs/events.schema.json uses. A keyword that it does not know is an error, so
 * that nothing in a schema is passed over in silence.
 *
 * @module
 */

/** A schema, or a part of one. */
export type Schema = Readonly<Record<string, unknown>>;

type Check = (value: unknown, given: unknown, root: Schema, schema: Schema) => boolean;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === "number" && Number.isFinite(value),
  null: (value) => value === null,
};

const ANNOTATIONS = ["$schema", "$defs", "title", "description"];

const CHECKS: Readonly<Record<string, Check>> = {
  $ref: (value, ref, root) => isValid(value, resolve(String(ref), root), root),
  oneOf: (value, all, root) =>
    (all as Schema[]).filter((one) => isValid(value, one, root)).length === 1,
  type: (value, type) => TYPES[String(type)]!(value),
  const: (value, constant) => value === constant,
  enum: (value, values) => (values as unknown[]).includes(value),
  pattern: (value, pattern) =>
    typeof value !== "string" || new RegExp(String(pattern), "u").test(value),
  minimum: (value, least) => typeof value !== "number" || value >= (least as number),
  required: (value, names) =>
    !isObject(value) || (names as string[]).every((name) => Object.hasOwn(value, name)),
  properties: (value, properties, root) =>
    !isObject(value) ||
    Object.entries(properties as Record<string, Schema>).every(([name, schema]) =>
      !Object.hasOwn(value, name) || isValid(value[name], schema, root)
    ),
  additionalProperties: (value, allowed, _root, { properties = {} }) =>
    !isObject(value) || allowed !== false ||
    Object.keys(value).every((name) => Object.hasOwn(properties as object, name)),
  items: (value, schema, root) =>
    !Array.isArray(value) || value.every((item) => isValid(item, schema as Schema, root)),
};

/** Follows a reference inside of the document. */
function resolve(ref: string, root: Schema): Schema {
  let found: unknown = root;
  for (const name of ref.replace(/^#\//, "").split("/")) found = (found as Schema)[name];
  if (!isObject(found)) throw new Error(`the schema has no ${ref}`);
  return found;
}

/** Whether a value is what a schema describes. */
export function isValid(value: unknown, schema: Schema, root: Schema = schema): boolean {
  return Object.entries(schema).every(([keyword, given]) => {
    if (ANNOTATIONS.includes(keyword)) return true;
    const check = CHECKS[keyword];
    if (check === undefined) throw new Error(`the schema uses ${keyword}, which is not known`);
    return check(value, given, root, schema);
  });
}
