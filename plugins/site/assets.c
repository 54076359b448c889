/* assets: styles, scripts and icons, in memory, under names that contain a hash of their bytes.
 *
 * "site.css" is served as "site-0123456789abcdef.css" and cached for ever: other bytes have another
 * name. Each is compressed once, at the start. */
#include "site.h"
#include <stdio.h>
#include <stdlib.h>

enum { IDENTITY, GZIP, BROTLI, ENCODINGS };

static const struct {
    const char *name;   /* as Accept-Encoding and Content-Encoding have it */
    const char *suffix; /* of a file that was compressed beforehand */
} encodings[ENCODINGS] = {{NULL, NULL}, {"gzip", ".gz"}, {"br", ".br"}};

static const struct {
    const char *suffix, *type;
    int compress;
} kinds[] = {
    {".css", "text/css; charset=utf-8", 1},
    {".js", "text/javascript; charset=utf-8", 1},
    {".svg", "image/svg+xml", 1},
    {".txt", "text/plain; charset=utf-8", 1},
    {".png", "image/png", 0},
    {".ico", "image/x-icon", 0},
    {".webmanifest", "application/manifest+json", 1},
};

struct asset {
    char *name;    /* "site.css" */
    char *address; /* "site-0123456789abcdef.css" */
    const char *type;
    char hash[17];
    struct ouse_str bytes[ENCODINGS]; /* malloc'd; no text: not in this encoding */
};

struct assets {
    struct asset *at;
    uint32_t n;
    struct ouse_ctx *ctx; /* these two, while they are read */
    const struct site *site;
};

/* Returns a copy; no text for no text. */
static struct ouse_str copy(struct ouse_str bytes)
{
    char *room = bytes.p ? malloc(bytes.n + 1) : NULL;
    if (bytes.p && !room)
        abort();
    if (room)
        memcpy(room, bytes.p, bytes.n);
    return (struct ouse_str){room, bytes.n};
}

/* FNV-1a: names of files, no secrets. */
static void hash(struct ouse_str bytes, char text[17])
{
    uint64_t h = 14695981039346656037u;
    for (uint32_t i = 0; i < bytes.n; i++)
        h = (h ^ (unsigned char)bytes.p[i]) * 1099511628211u;
    snprintf(text, 17, "%016llx", (unsigned long long)h);
}

/* ---- Reading ---------------------------------------------------------------------------- */

static struct asset *find(const struct assets *assets, const char *name, size_t n)
{
    for (uint32_t i = 0; i < assets->n; i++)
        if (strlen(assets->at[i].name) == n && memcmp(assets->at[i].name, name, n) == 0)
            return &assets->at[i];
    return NULL;
}

static void finish(struct asset *asset)
{
    free(asset->name);
    free(asset->address);
    for (int i = 0; i < ENCODINGS; i++)
        free((void *)(uintptr_t)asset->bytes[i].p);
}

static struct asset *add(struct assets *assets, const char *name)
{
    struct asset *asset = find(assets, name, strlen(name));
    if (asset) {
        finish(asset);
    } else {
        struct asset *grown = realloc(assets->at, (assets->n + 1) * sizeof *grown);
        if (!grown)
            abort();
        assets->at = grown;
        asset = &grown[assets->n++];
    }
    *asset = (struct asset){.name = strdup(name)};
    return asset;
}

/* Whether a file is the styles and the deployer has colours to put into them. */
static int is_coloured(const struct assets *assets, const char *name)
{
    return strcmp(name, "site.css") == 0 && (*assets->site->colour || *assets->site->accent);
}

/* Returns the styles with the deployer's colours at the end, so that they take precedence. */
static struct ouse_str with_colours(struct ouse_str bytes, const struct site *site)
{
    char *text;
    int n = asprintf(&text, "%.*s\n:root{%s%s%s%s}\n", OUSE_F(bytes), *site->colour ? "--brand:" : "",
                     site->colour, *site->accent ? ";--accent:" : "", site->accent);
    if (n < 0)
        abort();
    return (struct ouse_str){text, (uint32_t)n};
}

static int take(void *arg, const char *name, struct ouse_str bytes)
{
    struct assets *assets = arg;
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t stem = n - strlen(kinds[i].suffix);
        if (n <= strlen(kinds[i].suffix) || strcmp(name + stem, kinds[i].suffix) != 0)
            continue;
        struct asset *asset = add(assets, name);
        asset->type = kinds[i].type;
        asset->bytes[IDENTITY] = is_coloured(assets, name) ? with_colours(bytes, assets->site) : copy(bytes);
        hash(asset->bytes[IDENTITY], asset->hash);
        if (kinds[i].compress)
            asset->bytes[GZIP] = copy(ouse_gzip(assets->ctx, asset->bytes[IDENTITY]));
        if (asprintf(&asset->address, "%.*s-%s%s", (int)stem, name, asset->hash, kinds[i].suffix) < 0)
            abort();
    }
    return 0;
}

/* A file that was compressed beforehand belongs to the one that it is a copy of; where a colour was put into
 * that, it is one no more. */
static int take_packed(struct assets *assets, int encoding, const char *name, struct ouse_str bytes)
{
    size_t n = strlen(name) - strlen(encodings[encoding].suffix);
    struct asset *of = find(assets, name, n);
    if (!of || is_coloured(assets, of->name))
        return 0;
    free((void *)(uintptr_t)of->bytes[encoding].p);
    of->bytes[encoding] = copy(bytes);
    return 0;
}

static int take_gzip(void *arg, const char *name, struct ouse_str bytes)
{
    return take_packed(arg, GZIP, name, bytes);
}

static int take_brotli(void *arg, const char *name, struct ouse_str bytes)
{
    return take_packed(arg, BROTLI, name, bytes);
}

ouse_rc assets_read(struct ouse_ctx *ctx, struct assets **assets, const char *folder, const struct site *site)
{
    struct assets *all = *assets ? *assets : calloc(1, sizeof *all);
    char *unread = NULL;
    ouse_rc rc = OUSE_OK;
    if (!all)
        abort();
    *assets = all;
    all->ctx = ctx;
    all->site = site;
    if (files_each(folder, "", take, all, &unread) ||
        files_each(folder, encodings[GZIP].suffix, take_gzip, all, &unread) ||
        files_each(folder, encodings[BROTLI].suffix, take_brotli, all, &unread))
        rc = ouse_fail(ctx, OUSE_E_INVALID, "", "static",
                       "%s cannot be read; it has to be a file of at most 4 MiB", unread ? unread : folder);
    free(unread);
    return rc;
}

void assets_destroy(struct assets *assets)
{
    if (!assets)
        return;
    for (uint32_t i = 0; i < assets->n; i++)
        finish(&assets->at[i]);
    free(assets->at);
    free(assets);
}

struct ouse_doc *assets_addresses(struct ouse_ctx *ctx, const struct assets *assets, const char *base)
{
    struct ouse_doc *addresses = ouse_object(ctx);
    for (uint32_t i = 0; i < assets->n; i++) {
        char *name = strdup(assets->at[i].name);
        for (char *at = name; (at = strpbrk(at, ".-/"));)
            *at = '_';
        ouse_set_text(ctx, addresses, name, ouse_format(ctx, "%s/static/%s", base, assets->at[i].address));
        free(name);
    }
    return addresses;
}

/* ---- Serving ----------------------------------------------------------------------------- */

static int choose(struct ouse_ctx *ctx, const struct asset *asset)
{
    for (int i = ENCODINGS - 1; i > IDENTITY; i--)
        if (asset->bytes[i].p && ouse_takes(ctx, encodings[i].name))
            return i;
    return IDENTITY;
}

static const struct asset *at_address(const struct assets *assets, struct ouse_str address)
{
    for (uint32_t i = 0; i < assets->n; i++)
        if (ouse_is(address, assets->at[i].address))
            return &assets->at[i];
    return NULL;
}

ouse_rc site_static(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    const struct asset *asset = at_address(site_of(ctx)->assets, request->rest);
    int encoding;
    if (!asset)
        return ouse_fail(ctx, OUSE_E_NOT_FOUND, "", "not_found", "There is no such file");
    encoding = choose(ctx, asset);
    ouse_reply_bytes(ctx, 200, asset->type, asset->bytes[encoding]);
    ouse_reply_header(ctx, "Cache-Control", ouse_s("public, max-age=31536000, immutable"));
    ouse_reply_header(ctx, "Vary", ouse_s("Accept-Encoding"));
    ouse_reply_header(ctx, "ETag",
                      ouse_format(ctx, "\"%s%s\"", asset->hash, encoding ? encodings[encoding].suffix : ""));
    if (encoding)
        ouse_reply_header(ctx, "Content-Encoding", ouse_s(encodings[encoding].name));
    return OUSE_OK;
}
