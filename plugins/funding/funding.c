/* funding: grants of money: givers, recipients, purposes and results.
 *
 *     fund ── bid ── award ─┬─ allocations ── pillars, projects, schemes, networks
 *                           └─ payments
 *
 * Invariants, beyond the rules of the tables:
 *   - if the amount of an award is known, its allocations do not exceed it at the
 *     end of every change set;
 *   - if the purpose of an award is known, the target of each allocation is part
 *     of that purpose;
 *   - a payment from an allocation is from the award of that;
 *   - an award and its allocations have one currency;
 *   - an award carries a warning exactly while more of it was paid out than was
 *     committed, in its currency;
 *   - if a bid is moved to won, an award exists, made in the same transaction.
 *
 * An undisclosed amount is missing, never 0. Sums are in pence. */
#include "funding.h"
#include <ouse/fields.h>

/* ---- Collections ------------------------------------------------------- */

static const struct ouse_field fund_fields[] = {
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "Title of the fund or call."},
    OUSE_FIELD_RESEARCH_IDENTIFIERS,
    {.name = "funder",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "organisations@directory",
     .doc = "The organisation that provides the money.",
     .inverse = "Funds"},
    {.name = "purpose", .type = OUSE_LONG, .flags = OUSE_SEARCHABLE, .doc = "The purpose of the money."},
    {.name = "eligible", .type = OUSE_LONG, .doc = "The organisations that may bid for it."},
    {.name = "opens", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "First day, month or year for bids."},
    {.name = "closes",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .after = "opens",
     .doc = "Last day, month or year for bids."},
    {.name = "amount",
     .type = OUSE_MONEY,
     .flags = OUSE_INDEXED,
     .min = 1,
     .doc = "The total amount; empty if it was not disclosed."},
    {OUSE_FIELD_CURRENCY, .dflt = "\"GBP\""},
    {.name = "url", .type = OUSE_URL, .title = "Page", .doc = "The address of the description of the fund."},
};

static const struct ouse_field bid_fields[] = {
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "Title of the bid."},
    OUSE_FIELD_RESEARCH_IDENTIFIERS,
    {.name = "fund",
     .type = OUSE_REF,
     .refers_to = "funds",
     .doc = "The fund of the bid.",
     .inverse = "Bids"},
    {.name = "funder",
     .type = OUSE_REF,
     .refers_to = "organisations@directory",
     .doc = "The funder, if no fund is named.",
     .inverse = "Bids to it"},
    {.name = "lead",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "organisations@directory",
     .doc = "The organisation that makes the bid.",
     .inverse = "Bids that it leads"},
    {.name = "consortium",
     .type = OUSE_REFS,
     .refers_to = "organisations@directory",
     .doc = "The organisations that bid together.",
     .inverse = "Bids that it takes part in"},
    {.name = "process",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "competitive direct",
     .doc = "Whether the process was open to others."},
    {.name = "for",
     .type = OUSE_REF,
     .refers_to = "hubs@hubs clusters@clusters networks@networks",
     .doc = "The purpose of the bid: \"hubs/…\", \"clusters/…\" or \"networks/…\".",
     .title = "To pay for",
     .inverse = "Bids"},
    {.name = "amount_requested",
     .type = OUSE_MONEY,
     .flags = OUSE_INDEXED,
     .min = 1,
     .doc = "The amount requested; empty if it was not disclosed."},
    {.name = "amount_awarded",
     .type = OUSE_MONEY,
     .min = 1,
     .doc = "The amount granted, given with the move to won; becomes the amount of the award."},
    {OUSE_FIELD_CURRENCY, .dflt = "\"GBP\""},
    {.name = "submitted", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "The date of submission."},
    {.name = "outcome",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .after = "submitted",
     .doc = "The date of the decision."},
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "draft submitted shortlisted won lost withdrawn",
     .doc = "The stage that it has reached."},
};

static const struct ouse_move bid_moves[] = {
    {.from = "draft", .to = "submitted", .title = "Submit", .doc = "The bid has been submitted."},
    {.from = "submitted", .to = "shortlisted", .title = "Shortlist", .doc = "The bid is on the shortlist."},
    {.from = "submitted shortlisted",
     .to = "won",
     .title = "Win",
     .doc = "The money was granted; the award is created with it."},
    {.from = "submitted shortlisted", .to = "lost", .title = "Lose", .doc = "The money was not granted."},
    {.from = "draft submitted shortlisted",
     .to = "withdrawn",
     .title = "Withdraw",
     .doc = "The bid is no longer pursued."},
};

static const struct ouse_flow bid_flows[] = {
    {.field = "state", .initial = "draft", .moves = OUSE_ROWS(bid_moves)},
};

static const struct ouse_field award_fields[] = {
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "Title of the award."},
    OUSE_FIELD_RESEARCH_IDENTIFIERS,
    {.name = "description",
     .type = OUSE_LONG,
     .flags = OUSE_REQUIRED | OUSE_SEARCHABLE,
     .doc = "The aim of the award."},
    {.name = "funder",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "organisations@directory",
     .doc = "The organisation that provides the money.",
     .inverse = "Pays for"},
    {.name = "recipient",
     .type = OUSE_REF,
     .refers_to = "organisations@directory",
     .doc = "The organisation that receives it.",
     .inverse = "Receives"},
    {.name = "amount",
     .type = OUSE_MONEY,
     .flags = OUSE_INDEXED,
     .min = 1,
     .doc = "The amount; empty if it was not disclosed."},
    {OUSE_FIELD_CURRENCY, .dflt = "\"GBP\""},
    {.name = "awarded", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "The date of the award."},
    OUSE_FIELDS_SPAN,
    {.name = "duration", .type = OUSE_QTY, .doc = "The duration of the award, such as three years."},
    {.name = "kind",
     .type = OUSE_ENUM,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .choices = "grant contract incentive match",
     .doc = "The terms of the award."},
    {.name = "bid",
     .type = OUSE_REF,
     .refers_to = "bids",
     .doc = "The bid that won it.",
     .inverse = "Awards"},
    {.name = "for",
     .type = OUSE_REF,
     .refers_to = "hubs@hubs projects@hubs networks@networks clusters@clusters",
     .doc = "The purpose of the award: \"hubs/…\", \"projects/…\", \"networks/…\" or \"clusters/…\".",
     .title = "Pays for",
     .inverse = "Paid by"},
    {.name = "deliverable",
     .type = OUSE_REF,
     .refers_to = "deliverables@hubs",
     .doc = "The single deliverable that it pays for, if it does not pay for everything.",
     .inverse = "Paid by"},
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "announced contracted active closed suspended terminated",
     .doc = "The stage that it has reached."},
};

static const struct ouse_move award_moves[] = {
    {.from = "announced", .to = "contracted", .title = "Contract", .doc = "The terms have been signed."},
    {.from = "contracted", .to = "active", .title = "Start", .doc = "The money can be spent."},
    {.from = "active", .to = "closed", .title = "Close", .doc = "The money is spent and accounted for."},
    {.from = "contracted active", .to = "suspended", .title = "Suspend", .doc = "The money is held back."},
    {.from = "suspended", .to = "active", .title = "Resume", .doc = "The money can be spent again."},
    {.from = "announced contracted active suspended",
     .to = "terminated",
     .title = "Terminate",
     .doc = "The award has ended early."},
};

static const struct ouse_flow award_flows[] = {
    {.field = "state", .initial = "announced", .moves = OUSE_ROWS(award_moves)},
};

static const struct ouse_field allocation_fields[] = {
    {.name = "award",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "awards",
     .doc = "The award that it is part of.",
     .inverse = "What it pays for"},
    {.name = "target",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "pillars@hubs projects@hubs schemes@training networks@networks",
     .doc = "The recipient of the money: \"pillars/…\", \"projects/…\", \"schemes/…\" or \"networks/…\".",
     .title = "Goes to",
     .inverse = "Money"},
    {.name = "amount",
     .type = OUSE_MONEY,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .min = 1,
     .doc = "The amount of the allocation."},
    {OUSE_FIELD_CURRENCY},
    {.name = "purpose", .type = OUSE_LONG, .flags = OUSE_SEARCHABLE, .doc = "The purpose of the allocation."},
    {.name = "period", .type = OUSE_TEXT, .max = 100, .doc = "The period, in words: \"first year\"."},
    {.name = "status",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "planned committed spent",
     .dflt = "\"planned\"",
     .doc = "Whether the money is planned, committed or spent."},
};

static const struct ouse_field payment_fields[] = {
    {.name = "award",
     .type = OUSE_REF,
     .refers_to = "awards",
     .doc = "The award that pays, if there is one.",
     .inverse = "Payments"},
    {.name = "allocation",
     .type = OUSE_REF,
     .refers_to = "allocations",
     .doc = "The allocation that pays.",
     .inverse = "Payments"},
    {.name = "payee",
     .type = OUSE_REF,
     .refers_to = "organisations@directory",
     .doc = "The organisation that is paid.",
     .inverse = "Payments"},
    {.name = "description",
     .type = OUSE_LONG,
     .flags = OUSE_SEARCHABLE,
     .doc = "The purpose of the payment, as in the accounts of the payer."},
    {.name = "date",
     .type = OUSE_DATE,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .doc = "Day of the commitment or of the payment."},
    {.name = "amount",
     .type = OUSE_MONEY,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .doc = "The amount committed or paid; negative for money that was returned."},
    {OUSE_FIELD_CURRENCY},
    {.name = "period",
     .type = OUSE_TEXT,
     .max = 100,
     .doc = "The period of the payment, in words: \"2025-26, quarter 2\"."},
    {.name = "kind",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "commitment disbursement",
     .doc = "Whether the money is committed by contract, or paid out."},
};

static const struct ouse_collection collections[] = {
    {.name = "funds",
     .singular = "fund",
     .doc = "Money that organisations can bid for.",
     .version = 1,
     .label_field = "title",
     .context = "funder",
     .fields = OUSE_ROWS(fund_fields)},
    {.name = "bids",
     .singular = "bid",
     .doc = "Bids for money, and their outcomes.",
     .version = 1,
     .label_field = "title",
     .context = "lead",
     .fields = OUSE_ROWS(bid_fields),
     .flows = OUSE_ROWS(bid_flows)},
    {.name = "awards",
     .singular = "award",
     .doc = "Grants of money, with the funder, the recipient and the purpose.",
     .version = 1,
     .label_field = "title",
     .context = "funder",
     .subject = "Money",
     .subject_order = 6,
     .fields = OUSE_ROWS(award_fields),
     .flows = OUSE_ROWS(award_flows)},
    {.name = "allocations",
     .singular = "allocation",
     .doc = "The parts of an award for pillars, projects, training schemes and networks.",
     .version = 1,
     .label_field = "award target",
     .join = {.of = "award", .with = "target", .role = "status", .amount = "amount"},
     .fields = OUSE_ROWS(allocation_fields)},
    {.name = "payments",
     .singular = "payment",
     .doc = "Commitments and payments: from an award, or to a payee without one.",
     .version = 1,
     .label_field = "award payee date",
     .join = {.of = "award", .with = "payee", .role = "kind", .from = "date", .amount = "amount"},
     .fields = OUSE_ROWS(payment_fields)},
};

/* ---- Where things lie -------------------------------------------------- */

static const struct {
    const char *collection, *field;
    const char *within; /* NULL: the field includes the collection */
} places[] = {
    {"pillars", "hub", "hubs"},
    {"projects", "pillar", "pillars"},
    {"schemes", "of", NULL},
};

#define PLACES (sizeof places / sizeof places[0])

struct ouse_str funding_within(struct ouse_ctx *ctx, struct ouse_str thing)
{
    for (size_t i = 0; i < PLACES; i++) {
        if (!ouse_reference_to(thing, places[i].collection).p)
            continue;
        struct ouse_str whole = ouse_text(ctx, ouse_get_reference(ctx, thing), places[i].field);
        return whole.p && places[i].within ? ouse_format(ctx, "%s/%.*s", places[i].within, OUSE_F(whole))
                                           : whole;
    }
    return ouse_s(NULL);
}

static int lies_in(struct ouse_ctx *ctx, struct ouse_str thing, struct ouse_str whole)
{
    while (thing.p && !ouse_same(thing, whole))
        thing = funding_within(ctx, thing);
    return thing.p != NULL;
}

/* ---- Rules of bids ----------------------------------------------------- */

static struct ouse_str funder_of(struct ouse_ctx *ctx, const struct ouse_doc *bid)
{
    const struct ouse_doc *fund = ouse_get(ctx, "funds", ouse_text(ctx, bid, "fund"));

    return ouse_text(ctx, fund ? fund : bid, "funder");
}

/* Creates the award of a bid, with the visibility of the bid. */
static ouse_rc create_award(struct ouse_ctx *ctx, struct ouse_str id)
{
    static const char *const carried[][2] = {
        {"title", "title"},       {"lead", "recipient"},  {"amount_awarded", "amount"},
        {"currency", "currency"}, {"outcome", "awarded"}, {"for", "for"},
    };
    const struct ouse_doc *bid = ouse_get(ctx, "bids", id);
    struct ouse_doc *award = ouse_object(ctx);

    for (size_t i = 0; i < sizeof carried / sizeof carried[0]; i++)
        ouse_set(ctx, award, carried[i][1], ouse_member(ctx, bid, carried[i][0]));
    ouse_set_text(ctx, award, "description",
                  ouse_format(ctx, "Won by the bid “%.*s”", OUSE_F(ouse_text(ctx, bid, "title"))));
    ouse_set_text(ctx, award, "funder", funder_of(ctx, bid));
    ouse_set_text(ctx, award, "kind", ouse_s("grant"));
    ouse_set_text(ctx, award, "bid", id);
    ouse_set(ctx, award, "meta", ouse_pick(ctx, ouse_member(ctx, bid, "meta"), "visibility"));
    return ouse_create(ctx, "awards", ouse_s(NULL), award, NULL);
}

/* At the end of the change set, which may bring the fund of the bid, or its award, after the move.
 * A bid that is imported as won is history: its award, if one is known, comes with it. */
static ouse_rc settle_bid(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    if (!(change->op & OUSE_ON_MOVE) || !ouse_is(ouse_text(ctx, change->after, "state"), "won") ||
        ouse_next(ctx, ouse_query(ctx, "awards", "bid=%.*s", OUSE_F(change->id))))
        return OUSE_OK;
    if (funder_of(ctx, change->after).p)
        return create_award(ctx, change->id);
    return ouse_fail(
        ctx, OUSE_E_INVALID, "/funder", "funder_required",
        "A bid that is won becomes an award, but its funder is missing; name a fund, or the funder");
}

/* ---- Currencies --------------------------------------------------------- */

static struct ouse_str currency_of(struct ouse_ctx *ctx, const struct ouse_doc *record)
{
    struct ouse_str currency = ouse_text(ctx, record, "currency");

    return currency.p ? currency : ouse_s("GBP");
}

/* Returns the currency of an allocation or a payment that states none: that of its award. Returns
 * no text if the award does not exist yet, as it may follow in the same change set. */
static struct ouse_str currency_of_award(struct ouse_ctx *ctx, const struct ouse_doc *record)
{
    struct ouse_str id = ouse_text(ctx, record, "award");
    const struct ouse_doc *award = ouse_get(ctx, "awards", id);

    return id.p && !award ? ouse_s(NULL) : currency_of(ctx, award);
}

static ouse_rc fill_currency(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str currency = currency_of_award(ctx, change->after);

    if (currency.p && !ouse_member(ctx, change->after, "currency"))
        ouse_set_text(ctx, change->after, "currency", currency);
    return OUSE_OK;
}

/* Completes a record that was written before its award. */
static ouse_rc settle_currency(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_doc *completed = ouse_object(ctx);
    struct ouse_str currency = currency_of_award(ctx, change->after);

    if (!currency.p || ouse_member(ctx, change->after, "currency"))
        return OUSE_OK;
    ouse_set_text(ctx, completed, "currency", currency);
    return ouse_patch(ctx, change->collection, change->id, completed);
}

/* ---- Rules of awards --------------------------------------------------- */

static struct ouse_str pounds(struct ouse_ctx *ctx, int64_t pence)
{
    return ouse_format(ctx, "%lld.%02d", (long long)(pence / 100), (int)(pence % 100));
}

static ouse_rc settle_award(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    int64_t amount = ouse_pence(ctx, change->after, "amount", INT64_MAX), allocated = 0;
    struct ouse_str currency = currency_of(ctx, change->after);

    OUSE_EACH(ctx, allocation, ouse_query(ctx, "allocations", "award=%.*s", OUSE_F(change->id))) {
        struct ouse_str its = currency_of(ctx, allocation);
        if (ouse_member(ctx, allocation, "currency") && !ouse_same(its, currency))
            return ouse_fail(ctx, OUSE_E_CONFLICT, "/currency", "other_currency",
                             "allocations/%.*s is in %.*s and awards/%.*s in %.*s; an award and its "
                             "allocations have one currency",
                             OUSE_F(ouse_text(ctx, allocation, "id")), OUSE_F(its), OUSE_F(change->id),
                             OUSE_F(currency));
        allocated += ouse_pence(ctx, allocation, "amount", 0);
    }
    if (allocated <= amount)
        return OUSE_OK;
    return ouse_fail(
        ctx, OUSE_E_CONFLICT, "/amount", "over_allocated",
        "The allocations of awards/%.*s would come to %.*s, which is %.*s more than the %.*s awarded",
        OUSE_F(change->id), OUSE_F(pounds(ctx, allocated)), OUSE_F(pounds(ctx, allocated - amount)),
        OUSE_F(pounds(ctx, amount)));
}

/* Warns if more was paid from an award than was committed, in the currency of the award. */
static ouse_rc check_award(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    int64_t committed = 0, spent = 0;

    OUSE_EACH(ctx, payment, ouse_query(ctx, "payments", "award=%.*s", OUSE_F(change->id))) {
        struct ouse_str kind = ouse_text(ctx, payment, "kind");
        int64_t amount = ouse_pence(ctx, payment, "amount", 0);
        if (!ouse_same(currency_of(ctx, payment), currency_of(ctx, change->after)))
            continue;
        committed += ouse_is(kind, "commitment") ? amount : 0;
        spent += ouse_is(kind, "disbursement") ? amount : 0;
    }
    if (spent > committed)
        ouse_warn(ctx, "", "spent_over_committed",
                  "%.*s was paid out, which is %.*s more than the %.*s committed", OUSE_F(pounds(ctx, spent)),
                  OUSE_F(pounds(ctx, spent - committed)), OUSE_F(pounds(ctx, committed)));
    return OUSE_OK;
}

static ouse_rc follow_award(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    if (ouse_differs(ctx, change->before, change->after, "for"))
        OUSE_EACH(ctx, allocation, ouse_query(ctx, "allocations", "award=%.*s", OUSE_F(change->id)))
            ouse_recheck(ctx, "allocations", ouse_text(ctx, allocation, "id"));
    return OUSE_OK;
}

static ouse_rc follow_payment(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    ouse_recheck(ctx, "awards", ouse_text(ctx, change->before, "award"));
    ouse_recheck(ctx, "awards", ouse_text(ctx, change->after, "award"));
    return OUSE_OK;
}

/* ---- Rules of allocations ---------------------------------------------- */

/* An award takes no new allocation, and no other amount, while it is closed. */
static ouse_rc check_award_is_open(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str award = ouse_text(ctx, change->after, "award");
    struct ouse_str state = ouse_text(ctx, ouse_get(ctx, "awards", award), "state");

    if (!ouse_is_one(state, "closed terminated"))
        return OUSE_OK;
    if (!ouse_differs(ctx, change->before, change->after, "award") &&
        !ouse_differs(ctx, change->before, change->after, "amount"))
        return OUSE_OK;
    return ouse_fail(ctx, OUSE_E_CONFLICT, "/award", "award_closed",
                     "awards/%.*s is %.*s and accepts no more allocations; only awards that are announced, "
                     "contracted, active or suspended do",
                     OUSE_F(award), OUSE_F(state));
}

static ouse_rc follow_allocation(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    ouse_recheck(ctx, "awards", ouse_text(ctx, change->after, "award"));
    if (ouse_differs(ctx, change->before, change->after, "award"))
        OUSE_EACH(ctx, payment, ouse_query(ctx, "payments", "allocation=%.*s", OUSE_F(change->id)))
            ouse_recheck(ctx, "payments", ouse_text(ctx, payment, "id"));
    return OUSE_OK;
}

static ouse_rc check_target(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str id = ouse_text(ctx, change->after, "award");
    struct ouse_str purpose = ouse_text(ctx, ouse_get(ctx, "awards", id), "for");
    struct ouse_str target = ouse_text(ctx, change->after, "target");

    if (!purpose.p || lies_in(ctx, target, purpose))
        return OUSE_OK;
    return ouse_fail(ctx, OUSE_E_INVALID, "/target", "outside_award",
                     "awards/%.*s is for %.*s, and %.*s is not part of that; name that or a part of it",
                     OUSE_F(id), OUSE_F(purpose), OUSE_F(target));
}

static ouse_rc settle_allocation(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    ouse_rc rc = check_award_is_open(ctx, change);

    if (!rc)
        rc = check_target(ctx, change);
    return rc ? rc : settle_currency(ctx, change);
}

/* A credit note is a negative payment. */
static ouse_rc check_payment(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    if (ouse_pence(ctx, change->after, "amount", 0) != 0)
        return OUSE_OK;
    return ouse_fail(ctx, OUSE_E_INVALID, "/amount", "too_small",
                     "A payment must be more than 0, or less for money that was returned; got 0");
}

static ouse_rc settle_payment(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str award = ouse_text(ctx, change->after, "award");
    struct ouse_str allocation = ouse_text(ctx, change->after, "allocation");
    struct ouse_str its = ouse_text(ctx, ouse_get(ctx, "allocations", allocation), "award");

    if (!its.p || ouse_same(its, award))
        return settle_currency(ctx, change);
    return ouse_fail(ctx, OUSE_E_INVALID, "/allocation", "other_award",
                     "allocations/%.*s is part of awards/%.*s, and this payment is from awards/%.*s",
                     OUSE_F(allocation), OUSE_F(its), OUSE_F(award));
}

/* Rechecks allocations after a target has moved: its parts move too, away from awards that were
 * allocated to them. */
static void recheck_allocations_to(struct ouse_ctx *ctx, const char *collection, struct ouse_str id)
{
    OUSE_EACH(ctx, allocation, ouse_referrers(ctx, collection, id, "allocations", "target"))
        ouse_recheck(ctx, "allocations", ouse_text(ctx, allocation, "id"));
    for (size_t i = 0; i < PLACES; i++)
        if (places[i].within && !strcmp(places[i].within, collection))
            OUSE_EACH(ctx, part, ouse_referrers(ctx, collection, id, places[i].collection, places[i].field))
                recheck_allocations_to(ctx, places[i].collection, ouse_text(ctx, part, "id"));
}

static ouse_rc follow_target(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    for (size_t i = 0; i < PLACES; i++)
        if (!strcmp(places[i].collection, change->collection) &&
            ouse_differs(ctx, change->before, change->after, places[i].field))
            recheck_allocations_to(ctx, change->collection, change->id);
    return OUSE_OK;
}

static const struct ouse_hook hooks[] = {
    {.collection = "bids",
     .ops = OUSE_ON_MOVE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_SETTLE,
     .fn = settle_bid},
    {.collection = "awards",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_CHECK,
     .fn = check_award},
    {.collection = "awards",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_award},
    {.collection = "awards",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_SETTLE,
     .fn = settle_award},
    {.collection = "allocations",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FILL,
     .fn = fill_currency},
    {.collection = "payments",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FILL,
     .fn = fill_currency},
    {.collection = "allocations",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_allocation},
    {.collection = "allocations",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_SETTLE,
     .fn = settle_allocation},
    {.collection = "payments",
     .ops = OUSE_ON_WRITE | OUSE_ON_REMOVE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_payment},
    {.collection = "payments",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_CHECK,
     .fn = check_payment},
    {.collection = "payments",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_SETTLE,
     .fn = settle_payment},
    {.collection = "pillars",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_target},
    {.collection = "projects",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_target},
    {.collection = "schemes",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_target},
};

/* ---- The plugin -------------------------------------------------------- */

static const struct ouse_parameter breakdown_parameters[] = {
    {.name = "by",
     .type = OUSE_ENUM,
     .choices = "pillar",
     .doc = "One row per pillar, which is also the default."},
};

static const char breakdown_reply[] = OUSE_JSON({
    "type": "object",
    "properties": {
        "award": {"type": "string"},
        "amount": {"type": ["number", "null"]},
        "currency": {"type": "string"},
        "allocated": {"type": "number"},
        "committed": {"type": "number"},
        "spent": {"type": "number"},
        "unallocated": {"type": ["number", "null"]},
        "rows": {"type": "array", "items": {"type": "object", "required": ["target", "label", "planned", "committed", "spent", "projects", "leads"]}},
        "undisclosed": {"type": "array", "items": {"type": "object", "required": ["award", "funder", "purpose"]}}
    },
    "required": ["award", "amount", "allocated", "committed", "spent", "unallocated", "rows", "undisclosed"],
    "x-charts": [{
        "kind": "bars", "title": "Division of the award", "rows": "rows", "label": "label", "link": "target", "unit": "money",
        "series": {"planned": "Planned", "committed": "Committed", "spent": "Spent"},
        "whole": "amount", "rest": "unallocated", "rest_title": "Not allocated"
    }]
});

static const char use_reply[] = OUSE_JSON({
    "type": "object",
    "properties": {
        "award": {"type": "string"},
        "for": {"type": ["object", "null"]},
        "hub": {"type": ["object", "null"]},
        "published": {"type": "boolean", "description": "Whether any allocation or payment is known."},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}}
    },
    "required": ["award", "for", "hub", "published", "counts"]
});

static const struct ouse_route routes[] = {
    {.method = "GET",
     .path = "awards/{id}/breakdown",
     .access = OUSE_READ,
     .fn = award_breakdown,
     .summary = "The parts of an award, the rest of it, and other awards for the same purpose",
     .parameters = OUSE_ROWS(breakdown_parameters),
     .reply_schema = breakdown_reply},
    {.method = "GET",
     .path = "awards/{id}/use",
     .access = OUSE_READ,
     .fn = award_use,
     .summary = "The purpose of an award, in counts, and whether any spending is known",
     .reply_schema = use_reply},
};

OUSE_PLUGIN(.name = "funding", .version = "1.0.0", .title = "Funding",
            .doc = "Funds, bids, awards, and their allocations and payments.", .needs = "directory>=1",
            .threads = OUSE_PARALLEL, .collections = OUSE_ROWS(collections), .routes = OUSE_ROWS(routes),
            .hooks = OUSE_ROWS(hooks))
