/* typed: converts input of people to the form of the API, and back. */
#ifndef SITE_TYPED_H
#define SITE_TYPED_H

#include "model.h"

/* Returns the value of a field from the input of a reader, in the form of the API: "1000000" for
 * "£1,000,000" or "1m", "2025-06" for "June 2025". `last` selects the end of a month or year for a
 * field that holds whole days. Returns no text if the input is not a value of the field. */
struct ouse_str typed_value(struct ouse_ctx *ctx, const struct field *field, struct ouse_str text, int last);

/* Returns a value of the API as people type it: "£1,000,000", "June 2025". */
struct ouse_str typed_show(struct ouse_ctx *ctx, const struct field *field, struct ouse_str value);

/* Whether a field holds dates. */
int typed_is_date(const struct field *field);

/* Returns a whole day, "2025-06-01", from the input of a reader; no text if it is not one. */
struct ouse_str typed_day(struct ouse_ctx *ctx, struct ouse_str text);

/* Sets "day", "month" and "year" of an input to those of a date, in the form of the API or "1/6/2025" as it
 * was typed; "day" is the whole text if it is neither. */
void typed_parts(struct ouse_ctx *ctx, struct ouse_doc *input, struct ouse_str date);

/* Returns the accepted form of a field, for a hint or a message: "an amount, like £1,000,000 or
 * £1.5m". */
const char *typed_example(const struct field *field);

#endif
