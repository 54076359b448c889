/* host_about: the description for a format of its subject, built once for all of its parts. */
#include "../base/clock.h"
#include "../base/json.h"
#include "instance.h"
#include <sodium.h>

enum { UUID = 16 };

static void add_text(cJSON *object, const char *name, struct arena *arena, struct ouse_str text)
{
    if (text.n)
        cJSON_AddStringToObject(object, name, arena_copy(arena, text).p);
}

static void add_plugins(cJSON *about, const struct runtime *runtime)
{
    cJSON *list = cJSON_AddArrayToObject(about, "plugins");
    for (uint32_t i = 0; i < runtime->n; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(runtime->workers[i].plugin->is.name));
}

static void add_links(cJSON *about, const struct rest_writing *writing)
{
    cJSON *links = cJSON_AddObjectToObject(about, "links");
    add_text(links, "self", writing->arena, writing->self);
    add_text(links, "next", writing->arena, writing->next);
}

static cJSON *describe(const struct runtime *runtime, const struct rest_writing *writing)
{
    cJSON *about = json_keep(writing->lasting, cJSON_CreateObject());
    char as_of[CLOCK_TEXT];
    cJSON_AddStringToObject(about, "base_path", runtime->base_path);
    add_plugins(about, runtime);
    if (writing->collection)
        cJSON_AddItemToObject(about, "collection", describe_collection(writing->collection, writing->role));
    add_text(about, "query", writing->arena, writing->query);
    if (writing->as_of) {
        clock_format(writing->as_of, as_of);
        cJSON_AddStringToObject(about, "as_of", as_of);
    }
    add_text(about, "updated", writing->arena, writing->updated);
    add_links(about, writing);
    return about;
}

struct ouse_doc *host_about(struct ouse_ctx *ctx)
{
    struct context *context = context_of(ctx);
    struct rest_writing *writing = context->writing;
    if (!writing)
        return NULL;
    if (!writing->about)
        writing->about = describe(context->worker->runtime, writing);
    return doc_of(writing->about);
}

/* Of a form of our own (RFC 9562, version 8): a hash, under the register's secret; after a restore, of the
 * epoch, too. */
struct ouse_str host_uuid(struct ouse_ctx *ctx, struct ouse_str name)
{
    struct context *context = context_of(ctx);
    struct ouse_str secret;
    unsigned char id[UUID];
    char hex[2 * UUID + 1];
    if (!context->records) {
        context_defect(context, "ouse_uuid: the register is not open yet");
        return ouse_s("");
    }
    secret = records_secret(context->records);
    if (records_epoch(context->records))
        name = arena_printf(context->arena, "%llu %.*s", (unsigned long long)records_epoch(context->records),
                            OUSE_F(name));
    crypto_generichash(id, sizeof id, (const unsigned char *)name.p, name.n, (const unsigned char *)secret.p,
                       secret.n);
    id[6] = (unsigned char)((id[6] & 0x0f) | 0x80);
    id[8] = (unsigned char)((id[8] & 0x3f) | 0x80);
    sodium_bin2hex(hex, sizeof hex, id, sizeof id);
    return arena_printf(context->arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
                        hex + 20);
}
