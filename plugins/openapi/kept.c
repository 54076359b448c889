/* kept: a cache. A document does not change while the server runs, so each is made once, at its
 * first request, and stored; so is its gzip. The routes of the plugin run one at a time
 * (OUSE_SERIAL), which guards the list. */
#include "openapi.h"
#include <stdlib.h>

static struct kept *first;

/* Returns a copy that ends in NUL; NULL for no text. */
static struct ouse_str copy(struct ouse_str text)
{
    char *bytes = text.p ? malloc(text.n + 1) : NULL;

    if (text.p && !bytes)
        abort();
    if (bytes) {
        memcpy(bytes, text.p, text.n);
        bytes[text.n] = 0;
    }
    return (struct ouse_str){bytes, text.n};
}

/* Returns an FNV-1a hash: the inputs are not secret. */
static uint64_t hash(struct ouse_str bytes)
{
    uint64_t h = 14695981039346656037u;

    for (uint32_t i = 0; i < bytes.n; i++)
        h = (h ^ (unsigned char)bytes.p[i]) * 1099511628211u;
    return h;
}

static struct kept *keep(uint32_t role, struct ouse_str tag, struct ouse_str document)
{
    struct kept *kept = malloc(sizeof *kept);

    if (!kept)
        abort();
    *kept = (struct kept){
        .next = first, .role = role, .tag = copy(tag), .document = copy(document), .hash = hash(document)};
    if (!tag.p)
        group_outline(kept->document, &kept->outline);
    return first = kept;
}

struct kept *kept_get(struct ouse_ctx *ctx, uint32_t role, struct ouse_str tag)
{
    struct kept *kept = first;
    struct ouse_str document;

    while (kept && (kept->role != role || !ouse_same(kept->tag, tag)))
        kept = kept->next;
    if (kept)
        return kept;
    document =
        tag.p ? group_cut(ctx, &kept_get(ctx, role, ouse_s(NULL))->outline, tag) : document_write(ctx, role);
    return document.p ? keep(role, tag, document) : NULL;
}

struct ouse_str kept_packed(struct ouse_ctx *ctx, struct kept *kept)
{
    if (!kept->packed.p)
        kept->packed = copy(ouse_gzip(ctx, kept->document));
    return kept->packed;
}

void kept_clear(void)
{
    while (first) {
        struct kept *kept = first;
        first = kept->next;
        free((void *)(uintptr_t)kept->tag.p);
        free((void *)(uintptr_t)kept->document.p);
        free((void *)(uintptr_t)kept->packed.p);
        free(kept->outline.at);
        free(kept);
    }
}
