/* schema: the schemas of an OpenAPI document: what they refer to, and a value that they take. */
#ifndef SITE_SCHEMA_H
#define SITE_SCHEMA_H

#include <ouse/host.h>

#define SCHEMA_PLACE "#/components/schemas/"

/* What {"$ref": "#/components/…"} stands for; any other value stands for itself. */
const struct ouse_doc *schema_follow(struct ouse_ctx *ctx, const struct ouse_doc *document,
                                     const struct ouse_doc *value);

/* The name of the schema that a value refers to, or no text. */
struct ouse_str schema_name(struct ouse_ctx *ctx, const struct ouse_doc *value);

/* A value with what is required, of the examples that the schema tells where it does; NULL where none
 * can be made up. */
struct ouse_doc *schema_example(struct ouse_ctx *ctx, const struct ouse_doc *document,
                                const struct ouse_doc *schema);

/* "string", "integer, 1 to 200": what a plain value has to be. */
struct ouse_str schema_words(struct ouse_ctx *ctx, const struct ouse_doc *schema);

#endif
