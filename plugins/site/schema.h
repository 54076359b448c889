/* schema: the schemas of an OpenAPI document: resolves references and makes examples. */
#ifndef SITE_SCHEMA_H
#define SITE_SCHEMA_H

#include <ouse/host.h>

#define SCHEMA_PLACE "#/components/schemas/"

/* Returns the target of {"$ref": "#/components/…"}; any other value unchanged. */
const struct ouse_doc *schema_follow(struct ouse_ctx *ctx, const struct ouse_doc *document,
                                     const struct ouse_doc *value);

/* The name of the schema that a value refers to, or no text. */
struct ouse_str schema_name(struct ouse_ctx *ctx, const struct ouse_doc *value);

/* Returns a value with the required members, from the examples of the schema if it has them, or
 * NULL. */
struct ouse_doc *schema_example(struct ouse_ctx *ctx, const struct ouse_doc *document,
                                const struct ouse_doc *schema);

/* Returns the form of a plain value in words: "string", "integer, 1 to 200". */
struct ouse_str schema_words(struct ouse_ctx *ctx, const struct ouse_doc *schema);

#endif
