/* json_patch: changing a JSON value by RFC 7396 (merge patch) and RFC 6902 (JSON
 * Patch), with the pointers of RFC 6901. */
#ifndef BASE_JSON_PATCH_H
#define BASE_JSON_PATCH_H

#include "json.h"

/* Applies a merge patch to `target`, which is changed or, when the patch is no
 * object, replaced; returns the result, which the caller owns. */
cJSON *json_merge_patch(cJSON *target, const cJSON *patch);

#define JSON_PATCH_OPERATIONS 1000
#define JSON_PATCH_GROWTH     (16u << 20) /* bytes of memory that all operations of a patch may add */

/* Applies the operations of a JSON Patch in order to *document, all or none (on
 * failure *document is in between and to be thrown away). Malformed operations
 * are OUSE_E_REQUEST; a path that is not there, a test that fails and a document
 * that would become deeper than JSON_DEPTH, or grow by more than a patch may, are
 * OUSE_E_CONFLICT. The error's pointer names the operation: "/2". */
ouse_rc json_patch(cJSON **document, const cJSON *operations, struct problem *problem);

#endif
