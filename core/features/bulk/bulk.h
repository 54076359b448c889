/* bulk: declarations shared by the files of this feature. */
#ifndef BULK_BULK_H
#define BULK_BULK_H

#include "../../http/http.h"

/* POST /-/import; arg is the struct rest. */
ouse_rc bulk_import(struct http_request *request, struct http_reply *reply, void *arg);

#endif
