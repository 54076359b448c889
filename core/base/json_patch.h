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

/* Applies the operations of a JSON Patch in order to *document, all or nothing. On failure
 * *document is partly changed; discard it. Returns OUSE_E_REQUEST for malformed operations. Returns
 * OUSE_E_CONFLICT if a path does not exist, if a test fails, or if the document would become deeper
 * than JSON_DEPTH or grow beyond the limit of a patch. The pointer of the error names the
 * operation: "/2". */
ouse_rc json_patch(cJSON **document, const cJSON *operations, struct problem *problem);

#endif
