/* audience: the parts of a record that the public and the partners can observe.
 *
 *     change      17       18              19               20
 *     office      rev. 1   rev. 2          rev. 3           rev. 4
 *     public      rev. 1   (a hidden       rev. 3, as of    `hide`
 *                           field only)    change 19
 *
 * An audience observes only the parts that it may see. So a record has a sight for each audience:
 * the revision, time and sequence of the last change that the audience saw. These are the
 * audience's `meta.revision`, `meta.updated` and ETag, the record's place in lists sorted by
 * `updated`, and the end of its history; revisions that an audience did not see do not exist for
 * it. The journal records for each change its meaning for each audience (journal.h). Numbers are
 * those of the register, so a restricted caller sees gaps, but the same order.
 *
 * Whether an audience sees a change depends on its view: the bytes before and after are compared,
 * without references to records that are hidden from it (redact.c), and with its own warnings
 * (warnings.c).
 *
 * If a record is hidden now, the feed of an audience that lost it has one entry: the change that
 * hid it. The sight of a hidden record keeps the sequence of that change, so that a feed needs one
 * look at the record for each entry.
 *
 * Not covered: if a record is hidden or shown, the views of the records that refer to it change
 * without a change of their own. Their ETags differ, as they contain a hash of the bytes. A change
 * for each of them would put each of them again: hiding must not become slower, or fail, because
 * many records refer to one. The change `hide` covers the references too (core/api/README.md). */
#include "internal.h"

#define VIEW_MAX (1u << 24)

/* One version of a record on its way to one audience. */
struct looking {
    struct change_set *set;
    struct version *version;
    const struct stored *stored; /* the version before, or NULL */
    struct ouse_str hiding;
    uint64_t sequence; /* of the change */
    int audience;
};

/* ---- Comparing views ---------------------------------------------------------- */

static int may_refer_to_hidden(const struct looking *looking)
{
    const struct collection *collection = looking->version->collection;
    for (uint32_t i = 0; looking->hiding.n && i <= collection->n_fields; i++)
        if (hiding_veils(looking->hiding, schema_field_at(collection, i)))
            return 1;
    return 0;
}

/* Whether the audience saw all of the record before, and sees all of it now: then it sees each change of the
 * document. A recheck may change the warnings of another audience only. */
static int sees_all(const struct looking *looking)
{
    const struct version *version = looking->version;
    const struct stored *stored = looking->stored;
    uint32_t role = audience_role(looking->audience);
    const struct schema_meta meta = {.warnings = version->warnings};
    return !version->same_revision && stored_view(stored, role).p == stored->views[0].p &&
           !stored->warnings[looking->audience].p && !version->own_warnings[looking->audience] &&
           !schema_hides(version->collection, version->after, &meta, role) && !may_refer_to_hidden(looking);
}

/* A view without references to hidden records. */
static ouse_rc redacted(const struct looking *looking, struct ouse_str json, int warned, struct arena *arena,
                        struct ouse_str *shown)
{
    struct record record = {.collection = looking->version->collection,
                            .id = looking->version->id,
                            .kind = RECORD_LIVE,
                            .json = json,
                            .warnings = {warned ? "" : NULL, 0}};
    ouse_rc rc =
        redact_by(looking->set->txn, looking->hiding, audience_role(looking->audience), 0, arena, &record);
    *shown = record.json;
    return rc;
}

/* Whether the view would be the same but for the revision and the time of the change. */
static ouse_rc is_same(const struct looking *looking, int *same)
{
    const struct stored *stored = looking->stored;
    int audience = looking->audience;
    struct arena arena = {0};
    struct buffer view;
    struct ouse_str before, after;
    buffer_init(&view, VIEW_MAX);
    version_view(looking->version, audience, &stored->sights[audience], &view);
    ouse_rc rc = redacted(looking, stored_view(stored, audience_role(audience)),
                          stored->warnings[audience].p != NULL, &arena, &before);
    if (!rc)
        rc = redacted(looking, buffer_view(&view), looking->version->own_warnings[audience] != NULL, &arena,
                      &after);
    *same = !rc && ouse_same(before, after);
    buffer_finish(&view);
    arena_finish(&arena);
    return rc;
}

/* ---- Sights ------------------------------------------------------------------- */

/* Whether a move is one for the audience: it sees a state that the change moved. */
static int sees_move(const struct looking *looking)
{
    const struct version *version = looking->version;
    for (uint32_t i = 0; i < version->collection->n_flows; i++) {
        const struct field *field = version->collection->flows[i].field;
        if (field->is.visibility <= audience_role(looking->audience) &&
            !json_equal(json_member(version->before, field->is.name),
                        json_member(version->after, field->is.name)))
            return 1;
    }
    return 0;
}

static enum journal_told operation_told(const struct looking *looking)
{
    return looking->version->op == JOURNAL_MOVE && !sees_move(looking) ? JOURNAL_TOLD_CHANGED : JOURNAL_TOLD;
}

/* Returns the meaning of the change for an audience that may see the record now. */
static ouse_rc look_at_shown(const struct looking *looking, struct sight *sight, enum journal_told *told)
{
    const struct version *version = looking->version;
    const struct stored *stored = looking->stored;
    const struct sight now = {looking->sequence, version->times.updated, version->revision, 0};
    int same = 0, shown_before = stored && stored->head.visibility <= audience_role(looking->audience);
    ouse_rc rc = OUSE_OK;
    if (shown_before && stored->head.kind == RECORD_LIVE && version->kind == RECORD_LIVE &&
        !sees_all(looking))
        rc = is_same(looking, &same);
    *told = same ? JOURNAL_NOT_TOLD : operation_told(looking);
    *sight = same ? stored->sights[looking->audience] : now;
    if (!same && version->same_revision && shown_before) {
        sight->revision = stored->sights[looking->audience].revision;
        sight->updated = stored->sights[looking->audience].updated;
    }
    return rc;
}

/* … and to one that may not see it: it may lose the record. */
static void look_at_hidden(const struct looking *looking, struct sight *sight, enum journal_told *told)
{
    const struct stored *stored = looking->stored;
    int lost = stored && stored->head.visibility <= audience_role(looking->audience);
    *told = lost ? JOURNAL_TOLD_HIDDEN : JOURNAL_NOT_TOLD;
    *sight = (struct sight){.sequence = lost     ? looking->sequence
                                        : stored ? stored->sights[looking->audience].sequence
                                                 : 0,
                            .updated = looking->version->times.updated,
                            .revision = looking->version->revision};
}

ouse_rc audience_look(struct change_set *set, struct version *version, const struct stored *stored,
                      uint64_t sequence)
{
    struct looking looking = {.set = set, .version = version, .stored = stored, .sequence = sequence};
    enum journal_told told[AUDIENCES];
    ouse_rc rc = hiding_read(set->txn, &looking.hiding);
    for (int i = 0; i < AUDIENCES && !rc; i++) {
        looking.audience = i;
        if (version->visibility <= audience_role(i))
            rc = look_at_shown(&looking, &version->sights[i], &told[i]);
        else
            look_at_hidden(&looking, &version->sights[i], &told[i]);
    }
    if (!rc)
        version->audiences = journal_audiences(told[AUDIENCE_PUBLIC], told[AUDIENCE_PARTNER]);
    return rc;
}

/* ---- Changes, as an audience sees them ------------------------------------------ */

/* Returns the audiences of the end of a record. A record that was merged into a hidden one counts
 * as removed for audiences that may not see that one. */
static uint8_t ending(struct txn *txn, const struct collection *collection, const struct journal_entry *entry,
                      uint32_t role)
{
    struct arena arena = {0};
    struct record record;
    ouse_rc rc = record_as_of(txn, collection, entry->id, role, 0, &arena, &record);
    arena_finish(&arena);
    return !rc && record.kind == RECORD_REMOVED ? JOURNAL_REMOVE : JOURNAL_MERGE;
}

ouse_rc record_change(struct txn *txn, const struct collection *collection, uint64_t sequence, uint32_t role,
                      struct journal_entry *entry)
{
    enum journal_told told = journal_told(entry, role);
    struct ouse_str hiding;
    struct stored stored;
    struct key key;
    if (role >= OUSE_OFFICE)
        return OUSE_OK;
    if (told == JOURNAL_NOT_TOLD || collection->is.visibility > role)
        return OUSE_E_NOT_FOUND;
    ouse_rc rc = hiding_read(txn, &hiding);
    if (!rc && hiding_has(hiding, collection->number)) {
        key_record(&key, collection->number, entry->id);
        rc = head_get(txn, DB_RECORDS, key_str(&key), &stored);
        if (!rc && stored.head.visibility > role && stored.sights[audience_of(role)].sequence != sequence)
            rc = OUSE_E_NOT_FOUND;
    }
    if (rc)
        return rc;
    if (told == JOURNAL_TOLD_HIDDEN)
        entry->op = JOURNAL_HIDE;
    else if (told == JOURNAL_TOLD_CHANGED)
        entry->op = JOURNAL_UPDATE;
    else if (entry->op == JOURNAL_MERGE)
        entry->op = ending(txn, collection, entry, role);
    return OUSE_OK;
}

void version_view(const struct version *version, int audience, const struct sight *sight, struct buffer *out)
{
    const cJSON *own = version->own_warnings[audience];
    const struct schema_meta meta = {sight->revision, version->times.created, sight->updated,
                                     version->visibility, own ? own : version->warnings};
    schema_encode(version->collection, version->id, version->after, &meta, audience_role(audience), out);
}
