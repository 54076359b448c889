/* media: requirements of the media type of a plugin's reply on its bytes. */
#ifndef HOST_MEDIA_H
#define HOST_MEDIA_H

#include <ouse/abi.h>

/* Whether bytes of this media type must be UTF-8: text/…, JSON, XML and JavaScript, unless the type has
 * another charset. */
int media_is_utf8(const char *type);

#endif
