/* engine_check: a store file is looked at before LMDB maps it, because a page that is missing or an offset
 * that leads nowhere ends the process when it is touched; see engine_lmdb.h.
 *
 * The header is that of LMDB 0.9 on 64-bit machines: two meta pages, each a page header of 16 bytes and a
 * struct meta; the one with the higher transaction number counts.
 */
#include "engine_lmdb.h"

#include "../base/heap.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PAGE_HEADER = 16,
    FREE_DB = 0,
    ROOTS = 2,
    FIRST_PAGES = 8 /* more than the first commit of a store writes */
};
#define META_MAGIC   0xBEEFC0DEu
#define META_VERSION 1u
#define NO_PAGE      UINT64_MAX
#define PAGES_MAX    (UINT64_C(1) << 40)

struct tree {
    uint32_t pad; /* of the free list: the size of a page */
    uint16_t flags, depth;
    uint64_t branches, leaves, overflows, entries, root;
};

struct meta {
    uint32_t magic, version;
    uint64_t address, map_size;
    struct tree trees[ROOTS];
    uint64_t last_page, transaction;
};
static_assert(sizeof(struct meta) == 136, "a meta page has no gaps");

static ouse_rc damaged(const struct engine *engine, struct problem *problem, const char *what)
{
    return problem_fail(problem, OUSE_E_UNAVAILABLE,
                        "%s/data.mdb is damaged: %s. Keep a copy of it, and restore a backup",
                        engine->directory, what);
}

static int is_page_size(uint32_t size)
{
    return size >= 256 && size <= 65536 && (size & (size - 1)) == 0;
}

/* Returns the fault of a meta page; NULL: no fault. */
static const char *find_fault(const struct meta *meta)
{
    if (meta->magic != META_MAGIC || meta->version != META_VERSION)
        return "a header page is not one of a store";
    if (!is_page_size(meta->trees[FREE_DB].pad))
        return "a header page has no valid page size";
    if (meta->last_page >= PAGES_MAX || meta->last_page < 1 ||
        meta->map_size / meta->trees[FREE_DB].pad <= meta->last_page)
        return "a header page has no valid number of pages";
    for (int i = 0; i < ROOTS; i++)
        if (meta->trees[i].root != NO_PAGE &&
            (meta->trees[i].root < 2 || meta->trees[i].root > meta->last_page))
            return "a header page leads to a page that is not in the file";
    return NULL;
}

/* Reads the meta page that LMDB uses: that of the later transaction, or the first. The other one
 * may be the rest of a failed write. Returns 0 if both are damaged; *fault is the fault. */
static int read_meta(int file, struct meta *meta, const char **fault)
{
    struct meta second;
    if (pread(file, meta, sizeof *meta, PAGE_HEADER) != sizeof *meta)
        return 0;
    *fault = is_page_size(meta->trees[FREE_DB].pad) ? NULL : "a header page has no valid page size";
    if (*fault)
        return 1;
    if (pread(file, &second, sizeof second, meta->trees[FREE_DB].pad + PAGE_HEADER) != sizeof second)
        return 0;
    if (meta->transaction < second.transaction)
        *meta = second;
    *fault = find_fault(meta);
    return 1;
}

static ouse_rc check_metas(const struct engine *engine, int file, struct problem *problem)
{
    struct meta meta;
    const char *fault;
    if (pread(file, &meta, sizeof meta, PAGE_HEADER) != sizeof meta || meta.magic != META_MAGIC)
        return OUSE_OK; /* LMDB reports that it is not a store */
    if (!read_meta(file, &meta, &fault))
        fault = "the header cannot be read";
    return fault ? damaged(engine, problem, fault) : OUSE_OK;
}

enum { BLANK = 1, BEGUN, HALF_WRITTEN, COMMITTED };

/* How far a header page has come; BEGUN is the one that LMDB begins a file with. */
static int progress_of(int file, long at)
{
    static const struct meta nothing;
    struct meta meta = {0};
    if (pread(file, &meta, sizeof meta, at + PAGE_HEADER) < 0)
        return COMMITTED;
    if (memcmp(&meta, &nothing, sizeof meta) == 0)
        return BLANK;
    if (meta.magic != META_MAGIC || meta.transaction != 0)
        return COMMITTED;
    return meta.trees[1].root == NO_PAGE ? BEGUN : HALF_WRITTEN;
}

/* The first commit syncs both header pages with its own pages, and only then counts. */
static int is_unfinished(int file)
{
    long page = sysconf(_SC_PAGESIZE);
    int first = progress_of(file, 0), second = progress_of(file, page);
    struct stat status;
    return fstat(file, &status) == 0 && status.st_size > 0 && status.st_size <= FIRST_PAGES * page &&
           first < COMMITTED && second < COMMITTED && (first != BEGUN || second != BEGUN);
}

int engine_begin_again(const struct engine *engine, struct arena *arena)
{
    int file = open(arena_printf(arena, "%s/data.mdb", engine->directory).p, O_RDWR | O_CLOEXEC);
    int begun = file >= 0 && is_unfinished(file) && ftruncate(file, 0) == 0;
    if (file >= 0)
        close(file);
    return begun;
}

ouse_rc engine_check_header(const struct engine *engine, struct problem *problem)
{
    struct ouse_str path = arena_printf(problem->arena, "%s/data.mdb", engine->directory);
    int file = open(path.p, O_RDONLY | O_CLOEXEC);
    ouse_rc rc = OUSE_OK;
    if (file < 0)
        return OUSE_OK; /* LMDB creates it, or reports a failure */
    rc = check_metas(engine, file, problem);
    close(file);
    return rc;
}

/* ---- Pages --------------------------------------------------------------------------- */

enum {
    BRANCH = 0x01,
    LEAF = 0x02,
    OVERFLOW = 0x04,
    KINDS = 0x7f,
    NODE_HEADER = 8,
    BIG_DATA = 0x01, /* flags of a node: its value is on separate pages; */
    SUB_TREE = 0x02, /* it is a db */
    DEPTH_MAX = 32
};

struct page {
    uint64_t number;
    uint16_t pad, flags, lower, upper; /* of an overflow page, lower and upper are its length in pages */
};

struct node {
    uint16_t low, high, flags, n_key;
};

/* A walk over the pages of a snapshot, by reads: a missing page gives an error, not a signal. */
struct walk {
    int file;
    uint32_t page_size;
    uint64_t last, size; /* of the pages; of the file, in pages */
    uint64_t free;       /* pages at the end of the file that are missing and in the list of free pages */
    unsigned char *seen; /* a bit for each page: no page belongs to two places */
    uint64_t bad;        /* the damaged page; 0: no page */
    int is_free_list;
};

static uint64_t read_number(const char *at, size_t n)
{
    uint64_t number = 0;
    memcpy(&number, at, n);
    return number;
}

/* Marks pages as seen; 0 if one of them is not in the file, or was seen before. */
static int see(struct walk *walk, uint64_t from, uint64_t n)
{
    if (from < ROOTS || n < 1 || n > walk->last || from > walk->last + 1 - n || from + n > walk->size)
        return 0;
    for (uint64_t i = from; i < from + n; i++) {
        unsigned char bit = (unsigned char)(1u << i % 8);
        if (walk->seen[i / 8] & bit)
            return 0;
        walk->seen[i / 8] |= bit;
    }
    return 1;
}

static int read_page(const struct walk *walk, uint64_t number, struct page *page, char *bytes, size_t n)
{
    if (pread(walk->file, bytes, n, (off_t)(number * walk->page_size)) != (ssize_t)n)
        return 0;
    memcpy(page, bytes, sizeof *page);
    return page->number == number;
}

static int walk_overflow(struct walk *walk, uint64_t number, uint64_t n_value)
{
    struct page page;
    char bytes[PAGE_HEADER];
    if (number > walk->last || number >= walk->size || !read_page(walk, number, &page, bytes, sizeof bytes))
        return 0;
    uint64_t pages = page.lower | (uint64_t)page.upper << 16;
    return (page.flags & KINDS) == OVERFLOW && pages * walk->page_size >= n_value + PAGE_HEADER &&
           see(walk, number, pages);
}

/* A value of the list of free pages is their number, then each. */
static int count_free(struct walk *walk, const char *value, uint64_t n_value)
{
    uint64_t n = n_value >= 8 ? read_number(value, 8) : 0;
    if (n_value < 8 || n > n_value / 8 - 1)
        return 0;
    for (uint64_t i = 1; i <= n; i++)
        walk->free += read_number(value + 8 * i, 8) >= walk->size;
    return 1;
}

static int read_free(struct walk *walk, uint64_t number, uint64_t n_value)
{
    char *value = heap_alloc(n_value);
    int ok = pread(walk->file, value, n_value, (off_t)(number * walk->page_size + PAGE_HEADER)) ==
                 (ssize_t)n_value &&
             count_free(walk, value, n_value);
    free(value);
    return ok;
}

static int walk_tree(struct walk *walk, const struct tree *tree);

/* A node of a leaf; `room` is from its header to the end of the page. */
static int walk_leaf(struct walk *walk, const char *at, size_t room)
{
    struct node node;
    memcpy(&node, at, sizeof node);
    uint64_t n_value = node.low | (uint64_t)node.high << 16, kept = node.flags & BIG_DATA ? 8 : n_value;
    const char *value = at + NODE_HEADER + node.n_key;
    if (NODE_HEADER + node.n_key + kept > room)
        return 0;
    if (node.flags & BIG_DATA) {
        uint64_t number = read_number(value, 8);
        return walk_overflow(walk, number, n_value) &&
               (!walk->is_free_list || read_free(walk, number, n_value));
    }
    if (node.flags & SUB_TREE) {
        struct tree tree;
        memcpy(&tree, value, n_value == sizeof tree ? sizeof tree : 0);
        return n_value == sizeof tree && walk_tree(walk, &tree);
    }
    return !walk->is_free_list || count_free(walk, value, n_value);
}

/* Frames of a page each would be much stack: pages are on the heap. */
static int walk_page(struct walk *walk, uint64_t number, int depth)
{
    char *bytes = heap_alloc(walk->page_size);
    struct page page = {0};
    int ok = see(walk, number, 1) && read_page(walk, number, &page, bytes, walk->page_size) &&
             (page.flags & KINDS) == (depth > 1 ? BRANCH : LEAF) && page.lower >= PAGE_HEADER &&
             page.lower <= page.upper && page.upper <= walk->page_size && page.lower % 2 == 0;
    uint32_t n = ok ? (page.lower - PAGE_HEADER) / 2u : 0;
    for (uint32_t i = 0; i < n && ok; i++) {
        uint64_t at = read_number(bytes + PAGE_HEADER + 2 * i, 2);
        struct node node;
        ok = at >= page.upper && at + NODE_HEADER <= walk->page_size;
        if (!ok)
            break;
        memcpy(&node, bytes + at, sizeof node);
        ok = depth > 1
                 ? at + NODE_HEADER + node.n_key <= walk->page_size &&
                       walk_page(walk, node.low | (uint64_t)node.high << 16 | (uint64_t)node.flags << 32,
                                 depth - 1)
                 : walk_leaf(walk, bytes + at, walk->page_size - at);
    }
    ok = ok && n > 0;
    if (!ok && !walk->bad)
        walk->bad = number;
    free(bytes);
    return ok;
}

static int walk_tree(struct walk *walk, const struct tree *tree)
{
    if (tree->root == NO_PAGE)
        return tree->depth == 0;
    return tree->depth >= 1 && tree->depth <= DEPTH_MAX && walk_page(walk, tree->root, tree->depth);
}

static ouse_rc cut_short(const struct engine *engine, struct problem *problem)
{
    return problem_fail(
        problem, OUSE_E_UNAVAILABLE,
        "%s/data.mdb is cut short: pages that are in use are missing at its end. Keep a copy of it, "
        "and restore a backup",
        engine->directory);
}

/* LMDB writes no page that was freed in the transaction that allocated it, so a sound file may end before
 * its last page. Then all pages that are missing are in the list of free pages. */
static ouse_rc walk_metas(const struct engine *engine, struct walk *walk, const struct meta *meta, int all,
                          struct problem *problem)
{
    walk->is_free_list = 1;
    int ok = walk_tree(walk, &meta->trees[FREE_DB]);
    walk->is_free_list = 0;
    uint64_t pages = meta->last_page + 1;
    if (walk->size < pages && (!ok || walk->free < pages - walk->size))
        return cut_short(engine, problem);
    if (ok && all)
        ok = walk_tree(walk, &meta->trees[ROOTS - 1]);
    return ok ? OUSE_OK
              : damaged(
                    engine, problem,
                    arena_printf(problem->arena, "page %" PRIu64 " does not fit into its tree", walk->bad).p);
}

enum { SMALL = 256 << 20 /* bytes that are walked in a fraction of a second */ };

/* Of the last snapshot: the read transaction that the caller holds keeps its pages from being written over.
 */
static ouse_rc check_pages(const struct engine *engine, int file, struct problem *problem)
{
    struct meta meta;
    struct stat status;
    const char *fault = NULL;
    if (fstat(file, &status) != 0 || !read_meta(file, &meta, &fault) || fault)
        return damaged(engine, problem, "the header cannot be read");
    struct walk walk = {.file = file,
                        .page_size = meta.trees[FREE_DB].pad,
                        .last = meta.last_page,
                        .size = (uint64_t)status.st_size / meta.trees[FREE_DB].pad,
                        .seen = heap_zero(meta.last_page / 8 + 1)};
    ouse_rc rc = walk_metas(engine, &walk, &meta, engine->options.check || status.st_size <= SMALL, problem);
    free(walk.seen);
    return rc;
}

ouse_rc engine_check_pages(const struct engine *engine, MDB_env *env, struct problem *problem)
{
    mdb_filehandle_t file;
    MDB_txn *held;
    if (mdb_env_get_fd(env, &file) != 0 || mdb_txn_begin(env, NULL, MDB_RDONLY, &held) != 0)
        return OUSE_OK; /* the next transaction reports it */
    ouse_rc rc = check_pages(engine, file, problem);
    mdb_txn_abort(held);
    return rc;
}
