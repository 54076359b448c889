/* header: values of request headers: media types, Accept, entity tags, Host and
 * the others that are taken to pieces. */
#include "fuzz.h"
#include "http/exchange.h"
#include "record/record.h"

static void try(struct ouse_str text, struct arena *arena, struct problem *problem)
{
    static const char *const offers[] = {"application/json", "text/csv", "text/x-menu"};
    static const struct collection collection = {0};
    const struct record record = {.collection = &collection, .sequence = 7};
    uint64_t length;
    (void)problem;
    struct ouse_str type = request_media_type(arena, text);
    must(type.n <= text.n);
    int chosen = http_negotiate(text, offers, 3);
    must(chosen >= -1 && chosen < 3);
    must(!record_matches(ouse_s("\"0\""), &record));
    record_matches(text, &record);
    reply_matches(text, ouse_s("\"7\""));
    hygiene_host(text);
    hygiene_token(text);
    hygiene_field(text);
    hygiene_has_option(text, "close");
    must(!hygiene_length(text, &length) || text.n <= 20);
}
