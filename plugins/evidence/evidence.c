/* evidence: publications, statements, claims, groups, decisions, events and engagements.
 *
 *     publications ◄─ `sources` of any record
 *       ├─ statements ── speaker        the exact words of a person
 *       └─ claims                       assertions, and whether they are true
 *     groups ── decisions               bodies, and their decisions
 *     events, engagements               meetings and consultations
 *
 * Statements, claims and the rest may be about any record of the register.
 *
 * Invariants, beyond the rules of the tables:
 *   - web clients cannot change speaker, publication, text and date of a statement:
 *     to correct a mistake, they add a second statement that corrects the first,
 *     which from then on refers to it.
 */
#include "evidence.h"
#include <ouse/fields.h>

/* ---- Collections ------------------------------------------------------- */

static const struct ouse_field publication_fields[] = {
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "Its headline or title; without one, a description."},
    OUSE_FIELD_RESEARCH_IDENTIFIERS,
    {.name = "publisher",
     .type = OUSE_TEXT,
     .flags = OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_NAME_MAX,
     .doc = "The publisher."},
    {.name = "published", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "The date of publication."},
    {.name = "url", .type = OUSE_URL, .title = "Address", .doc = "The address where it can be read."},
    {.name = "retrieved", .type = OUSE_DATE, .doc = "The day on which it was read at that address."},
};

static const struct ouse_field statement_fields[] = {
    {.name = "speaker",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED | OUSE_FIXED,
     .refers_to = "people@directory",
     .doc = "The person who said it.",
     .inverse = "Said"},
    {.name = "in",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED | OUSE_FIXED,
     .refers_to = "publications",
     .title = "Published in",
     .doc = "The publication that printed it.",
     .inverse = "Statements in it"},
    {.name = "text",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_FIXED | OUSE_SEARCHABLE,
     .max = 500,
     .doc = "A short quotation, word for word, without quotation marks."},
    {.name = "about",
     .type = OUSE_REFS,
     .refers_to = "*",
     .on_delete = OUSE_NULLIFY,
     .doc = "The records that it is about, each as \"collection/id\".",
     .inverse = "Said about it"},
    {.name = "said_on",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED | OUSE_FIXED,
     .doc = "The date on which it was said, if known."},
    {.name = "corrects",
     .type = OUSE_REF,
     .flags = OUSE_FIXED,
     .refers_to = "statements",
     .doc = "The statement that this one corrects.",
     .inverse = "Corrected by"},
};

static ouse_rc corrected_by(struct ouse_ctx *ctx, struct ouse_doc *statement)
{
    struct ouse_doc *ids = ouse_list(ctx);

    OUSE_EACH(ctx, correction,
              ouse_query(ctx, "statements", "corrects=%.*s", OUSE_F(ouse_text(ctx, statement, "id"))))
        ouse_add_text(ctx, ids, ouse_text(ctx, correction, "id"));
    if (ouse_count(ctx, ids))
        ouse_set(ctx, statement, "corrected_by", ids);
    return OUSE_OK;
}

static const struct ouse_derived statement_derived[] = {
    {"corrected_by", OUSE_REFS, corrected_by, "The statements that correct this one."},
};

static const struct ouse_field claim_fields[] = {
    {.name = "text",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_SEARCHABLE,
     .max = 500,
     .doc = "The claim, in one sentence."},
    {.name = "value", .type = OUSE_QTY, .doc = "The figure in the claim."},
    {.name = "by",
     .type = OUSE_REF,
     .refers_to = "people@directory",
     .title = "Claimed by",
     .doc = "The person who makes the claim; empty if the publication itself does.",
     .inverse = "Claims"},
    {.name = "in",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "publications",
     .title = "Published in",
     .doc = "The publication of the claim.",
     .inverse = "Claims in it"},
    {.name = "about",
     .type = OUSE_REFS,
     .refers_to = "*",
     .on_delete = OUSE_NULLIFY,
     .doc = "The records that it is about, each as \"collection/id\".",
     .inverse = "Claimed about it"},
    {.name = "status",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "claimed confirmed disputed superseded",
     .dflt = "\"claimed\"",
     .doc = "Whether the claim is confirmed, disputed or superseded."},
};

static const struct ouse_field group_fields[] = {
    {.name = "name",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_NAME_MAX,
     .doc = "Name of the board, team or group."},
    {.name = "kind",
     .type = OUSE_ENUM,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .choices = "board leadership_group executive_team joint_board",
     .doc = "The kind of group."},
    {.name = "of",
     .type = OUSE_REF,
     .refers_to = "organisations@directory clusters@clusters strategies@programmes mergers@services",
     .title = "Group of",
     .doc = "The body that it leads: \"organisations/…\", \"clusters/…\", \"strategies/…\" or \"mergers/…\".",
     .inverse = "Groups"},
    {.name = "remit", .type = OUSE_LONG, .flags = OUSE_SEARCHABLE, .doc = "The tasks of the group."},
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "planned standing ended",
     .doc = "Whether it is planned, standing or ended."},
};

static const struct ouse_move group_moves[] = {
    {.from = "planned", .to = "standing", .title = "Set up", .doc = "It has begun its work."},
    {.from = "planned standing",
     .to = "ended",
     .title = "End",
     .doc = "It no longer meets, or will not start."},
};

static const struct ouse_flow group_flows[] = {
    {.field = "state", .initial = "planned", .moves = OUSE_ROWS(group_moves)},
};

static const struct ouse_field decision_fields[] = {
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "The decision, in a few words."},
    {.name = "group",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "groups",
     .doc = "The group that decided.",
     .inverse = "Decisions"},
    {.name = "taken_on", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "The date of the decision."},
    {.name = "outcome",
     .type = OUSE_ENUM,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .choices = "adopted approved rejected noted",
     .doc = "The outcome of the decision."},
    {.name = "minute", .type = OUSE_URL, .doc = "Address of the minutes."},
    {.name = "about",
     .type = OUSE_REF,
     .refers_to = "*",
     .doc = "The record that it is about, as \"collection/id\".",
     .inverse = "Decisions about it"},
};

static const struct ouse_field event_fields[] = {
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "The title of the event."},
    {.name = "kind",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "launch workshop board other",
     .doc = "The kind of event."},
    {.name = "on",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .title = "Date",
     .doc = "The date of the event."},
    {.name = "venue",
     .type = OUSE_REF,
     .refers_to = "sites@directory",
     .doc = "The building or campus where it is held.",
     .inverse = "Events"},
    {.name = "organiser",
     .type = OUSE_REF,
     .refers_to = "organisations@directory",
     .doc = "The organisation that holds it.",
     .inverse = "Events"},
    {.name = "attended_by",
     .type = OUSE_LIST,
     .flags = OUSE_SEARCHABLE,
     .max = 200,
     .doc = "The people and groups who attended, as they are named."},
    {.name = "about",
     .type = OUSE_REFS,
     .refers_to = "*",
     .on_delete = OUSE_NULLIFY,
     .doc = "The records that it is about, each as \"collection/id\".",
     .inverse = "Events"},
};

static const struct ouse_field engagement_fields[] = {
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "The title of the engagement."},
    {.name = "audience",
     .type = OUSE_LIST,
     .flags = OUSE_SEARCHABLE,
     .max = 50,
     .doc = "The groups whose views are sought."},
    {.name = "question", .type = OUSE_LONG, .flags = OUSE_SEARCHABLE, .doc = "The question to them."},
    {.name = "opens", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "The first date for responses."},
    {.name = "closes",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .after = "opens",
     .doc = "The last date for responses."},
    {.name = "about",
     .type = OUSE_REFS,
     .refers_to = "*",
     .on_delete = OUSE_NULLIFY,
     .doc = "The records that it is about, each as \"collection/id\".",
     .inverse = "Asks for views on it"},
    {.name = "response",
     .type = OUSE_LONG,
     .flags = OUSE_SEARCHABLE,
     .doc = "The views that were received, and the action that follows."},
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "planned open closed answered",
     .doc = "The stage that it has reached."},
};

static const struct ouse_move engagement_moves[] = {
    {.from = "planned", .to = "open", .title = "Open", .doc = "Views can be submitted."},
    {.from = "open", .to = "closed", .title = "Close", .doc = "Views can no longer be submitted."},
    {.from = "closed", .to = "answered", .title = "Answer", .doc = "The response has been published."},
};

static const struct ouse_flow engagement_flows[] = {
    {.field = "state", .initial = "planned", .moves = OUSE_ROWS(engagement_moves)},
};

static const struct ouse_collection collections[] = {
    {.name = "publications",
     .singular = "publication",
     .doc = "Articles, papers and pages that records of the register cite.",
     .version = 1,
     .flags = OUSE_CITED,
     .label_field = "title",
     .fields = OUSE_ROWS(publication_fields)},
    {.name = "statements",
     .singular = "statement",
     .doc = "Quotations of people, word for word, with the publication that printed them.",
     .version = 1,
     .label_field = "text",
     .join = {.of = "about", .with = "speaker", .from = "said_on", .text = "text"},
     .context = "speaker",
     .fields = OUSE_ROWS(statement_fields),
     .derived = OUSE_ROWS(statement_derived)},
    {.name = "claims",
     .singular = "claim",
     .doc = "Claims of publications, or of people in them, and whether they are confirmed.",
     .version = 1,
     .label_field = "text",
     .fields = OUSE_ROWS(claim_fields)},
    {.name = "groups",
     .singular = "group",
     .doc = "Boards, leadership groups and executive teams that make decisions.",
     .version = 1,
     .label_field = "name",
     .context = "kind",
     .fields = OUSE_ROWS(group_fields),
     .flows = OUSE_ROWS(group_flows)},
    {.name = "decisions",
     .singular = "decision",
     .doc = "Decisions of a group: adopted, approved, rejected or noted.",
     .version = 1,
     .label_field = "title",
     .parent = "group",
     .context = "group taken_on",
     .fields = OUSE_ROWS(decision_fields)},
    {.name = "events",
     .singular = "event",
     .doc = "Launches, workshops and meetings.",
     .version = 1,
     .label_field = "title",
     .context = "kind on",
     .fields = OUSE_ROWS(event_fields)},
    {.name = "engagements",
     .singular = "engagement",
     .doc = "Consultations of patients, the public and staff, and their results.",
     .version = 1,
     .label_field = "title",
     .fields = OUSE_ROWS(engagement_fields),
     .flows = OUSE_ROWS(engagement_flows)},
};

/* ---- Rules ------------------------------------------------------------- */

static ouse_rc check_statement(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    if (ouse_same(ouse_text(ctx, change->after, "corrects"), change->id))
        return ouse_fail(ctx, OUSE_E_INVALID, "/corrects", "itself",
                         "A statement cannot correct itself (%.*s); name the one that was wrong",
                         OUSE_F(change->id));
    return OUSE_OK;
}

static const struct ouse_hook hooks[] = {
    {.collection = "statements",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_CHECK,
     .fn = check_statement},
};

/* ---- The plugin -------------------------------------------------------- */

static const char citations_reply[] =
    OUSE_JSON({
    "type": "object",
    "properties": {
        "publication": {"type": "object", "required": ["id", "title"]},
        "count": {"type": "integer"},
        "collections": {"type": "array", "items": {"type": "object", "required": ["collection", "count", "records"]}}
    },
    "required": ["publication", "count", "collections"]
});

static const struct ouse_route routes[] = {
    {.method = "GET",
     .path = "publications/{id}/citations",
     .access = OUSE_READ,
     .fn = publication_citations,
     .summary = "All records that cite a publication, by collection",
     .reply_schema = citations_reply},
};

OUSE_PLUGIN(.name = "evidence", .version = "1.0.0", .title = "Evidence",
            .doc = "Publications that records cite, statements, claims, decisions, events, engagements.",
            .needs = "directory>=1", .threads = OUSE_PARALLEL, .collections = OUSE_ROWS(collections),
            .routes = OUSE_ROWS(routes), .hooks = OUSE_ROWS(hooks))
