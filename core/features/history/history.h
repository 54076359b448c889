/* history: declarations shared by the files of this feature. */
#ifndef HISTORY_HISTORY_H
#define HISTORY_HISTORY_H

#include "../../http/http.h"
#include "../../record/record.h"

/* GET /-/changes/summary; arg is the struct rest. */
ouse_rc history_change_summary(struct http_request *request, struct http_reply *reply, void *arg);

/* Appends {"path":"/name","from":"A","to":"B"}, … of each field in which two versions of a record differ;
 * null is absent. Either version may be NULL. Returns the number of fields. */
uint32_t history_differences(struct arena *arena, const struct collection *collection, const cJSON *from,
                             const cJSON *to, struct buffer *out);

#endif
