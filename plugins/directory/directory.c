/* directory: the people, organisations, areas and sites that every other plugin refers to, and
 * their roles.
 *
 * Invariants, beyond the rules of the tables:
 *   - following part_of from an organisation never returns to it;
 *   - an appointment to a role with a single holder carries a warning exactly
 *     while another person's appointment to it overlaps.
 *
 * If a date is unknown, the appointment is open on that side. */
#include "directory.h"
#include <ouse/fields.h>

#define PART_OF_MAX 32 /* levels of organisations within organisations */

/* Roles with a single holder at a time. */
#define SINGLE_HOLDER "director chair acting_chair chief_executive chief_medical_officer dean warden"

/* ---- Collections ------------------------------------------------------- */

static const struct ouse_field organisation_fields[] = {
    {.name = "name",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_NAME_MAX,
     .doc = "Full name, as the organisation writes it."},
    {.name = "short_name",
     .type = OUSE_TEXT,
     .flags = OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = 60,
     .doc = "The short form or initials that people use, such as ELFT."},
    {.name = "aliases",
     .type = OUSE_LIST,
     .flags = OUSE_SEARCHABLE,
     .max = 50,
     .title = "Also known as",
     .doc = "Other names, former names and other spellings."},
    {.name = "kind",
     .type = OUSE_ENUM,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .choices = "nhs_trust icb ics ics_partnership nhs_england nhs_group local_authority university "
                "university_unit school industry charity gp_practice other",
     .doc = "The kind of organisation."},
    {.name = "identifiers",
     .type = OUSE_IDS,
     .choices = "ods ror ukprn charity company",
     .doc = "Identifiers in other registers; at most one of each scheme."},
    OUSE_FIELDS_ADDRESS("the organisation"),
    {.name = "opened", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "The date it was founded."},
    {.name = "closed",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .after = "opened",
     .doc = "The date it closed."},
    {.name = "status",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "planned open closed",
     .doc = "Whether it is planned, open or closed."},
    {.name = "part_of",
     .type = OUSE_REF,
     .refers_to = "organisations",
     .doc = "The larger organisation that it belongs to, such as the university of a department. If it has "
            "memberships of the kind part_of, it is the one that is valid today.",
     .title = "Part of",
     .inverse = "Units"},
    {.name = "predecessors",
     .type = OUSE_REFS,
     .refers_to = "organisations",
     .doc = "The organisations whose work it has taken over.",
     .inverse = "Successors"},
    {.name = "area",
     .type = OUSE_REF,
     .refers_to = "areas",
     .doc = "The area that it serves.",
     .inverse = "Organisations"},
};

static const struct ouse_move organisation_moves[] = {
    {.from = "planned", .to = "open", .title = "Open", .doc = "The organisation has started work."},
    {.from = "planned open", .to = "closed", .title = "Close", .doc = "It has closed, or will not open."},
    {.from = "closed", .to = "open", .title = "Reopen", .doc = "It was closed by mistake."},
};

static const struct ouse_flow organisation_flows[] = {
    {.field = "status", .initial = "open", .moves = OUSE_ROWS(organisation_moves)},
};

static const struct ouse_field membership_fields[] = {
    {.name = "organisation",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "organisations",
     .on_delete = OUSE_CASCADE,
     .doc = "The organisation that is the member.",
     .inverse = "Belongs to"},
    {.name = "of",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "organisations",
     .title = "Belongs to",
     .doc = "The organisation that it is a member of.",
     .inverse = "Members"},
    {.name = "kind",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "part_of member partner commissioned_by operated_by other",
     .dflt = "\"part_of\"",
     .doc = "The kind of membership; an organisation is part of one other at a time."},
    OUSE_FIELDS_SPAN,
};

static const struct ouse_field person_fields[] = {
    {.name = "name",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_NAME_MAX,
     .doc = "Full name without title, as the person uses it."},
    {.name = "honorific",
     .type = OUSE_TEXT,
     .max = 60,
     .title = "Title",
     .doc = "The title before the name, such as Dr or Professor Sir."},
    {.name = "family_name",
     .type = OUSE_TEXT,
     .flags = OUSE_INDEXED,
     .max = OUSE_NAME_MAX,
     .doc = "The name to sort by."},
    {.name = "given_name",
     .type = OUSE_TEXT,
     .max = OUSE_NAME_MAX,
     .doc = "The name or names before the family name."},
    {.name = "orcid",
     .type = OUSE_TEXT,
     .flags = OUSE_SCHEME | OUSE_UNIQUE,
     .choices = "orcid",
     .title = "ORCID",
     .doc = "The researcher's ORCID, such as 0000-0002-1825-0097; its check digit must be right."},
    {.name = "email",
     .type = OUSE_EMAIL,
     .visibility = OUSE_OFFICE,
     .title = "E-mail",
     .doc = "Address for the register's office; never published."},
    {.name = "phone",
     .type = OUSE_TEXT,
     .max = 60,
     .visibility = OUSE_OFFICE,
     .title = "Telephone",
     .doc = "Number for the register's office; never published."},
};

static const struct ouse_field appointment_fields[] = {
    {.name = "person",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "people",
     .doc = "The person who holds the role.",
     .inverse = "Roles"},
    {.name = "role",
     .type = OUSE_ENUM,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .choices =
         "director chair acting_chair chief_executive chief_medical_officer dean head reader professor "
         "warden member press_contact other",
     .doc = "The role in general terms, the same for all bodies."},
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .title = "Job title",
     .doc = "The title in the words of the body or of the source."},
    {.name = "body",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "organisations hubs@hubs clusters@clusters groups@evidence",
     .doc = "The body of the role: \"organisations/…\", \"hubs/…\", \"clusters/…\" or \"groups/…\".",
     .inverse = "People",
     .title = "At"},
    {.name = "acting", .type = OUSE_BOOL, .doc = "Whether the person holds the role temporarily."},
    {.name = "starts",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .doc = "First day, month or year in the role."},
    {.name = "ends",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .after = "starts",
     .doc = "Last day, month or year in the role."},
};

static const struct ouse_field area_fields[] = {
    {.name = "name",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_NAME_MAX,
     .doc = "Name of the area."},
    {.name = "aliases",
     .type = OUSE_LIST,
     .flags = OUSE_SEARCHABLE,
     .max = 50,
     .title = "Also known as",
     .doc = "Other names and short forms, such as BLMK."},
    {.name = "kind",
     .type = OUSE_ENUM,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .choices = "county unitary ics region locality country",
     .doc = "The kind of area; ics is the area of an integrated care system."},
    {.name = "gss_code",
     .type = OUSE_TEXT,
     .flags = OUSE_UNIQUE,
     .pattern = "[EJKLMNSW][0-9]{8}",
     .title = "GSS code",
     .doc = "Nine-character code of the Office for National Statistics; the same as the identifier of the "
            "scheme gss, which the register adds."},
    {.name = "identifiers",
     .type = OUSE_IDS,
     .choices = "gss",
     .doc = "Identifiers of the area in other registers; at most one of each scheme."},
    {.name = "population",
     .type = OUSE_QTY,
     .max = 20000000000,
     .doc = "The number of people who live there."},
    {.name = "contains",
     .type = OUSE_REFS,
     .refers_to = "areas",
     .on_delete = OUSE_NULLIFY,
     .doc = "The areas that it contains.",
     .inverse = "Part of"},
};

static const struct ouse_field site_fields[] = {
    {.name = "name",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_NAME_MAX,
     .doc = "Name of the building or campus."},
    {.name = "kind",
     .type = OUSE_ENUM,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .choices = "hospital campus practice other",
     .doc = "The kind of site."},
    {.name = "organisation",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "organisations",
     .doc = "The organisation that works there.",
     .inverse = "Sites"},
    {.name = "identifiers",
     .type = OUSE_IDS,
     .choices = "ods",
     .doc = "Identifiers of the site in other registers; at most one of each scheme."},
    OUSE_FIELDS_ADDRESS("the site"),
    {.name = "area",
     .type = OUSE_REF,
     .refers_to = "areas",
     .doc = "The area of the site.",
     .inverse = "Sites"},
};

static const struct ouse_collection collections[] = {
    {.name = "organisations",
     .singular = "organisation",
     .doc = "Trusts, boards, universities and their departments, councils and others that take part.",
     .version = 1,
     .label_field = "name",
     .parent = "part_of",
     .context = "part_of kind",
     .subject = "Organisations",
     .subject_order = 4,
     .fields = OUSE_ROWS(organisation_fields),
     .flows = OUSE_ROWS(organisation_flows)},
    {.name = "memberships",
     .singular = "membership",
     .doc = "Memberships of organisations in other organisations, with their dates.",
     .version = 1,
     .label_field = "organisation of",
     .join = {.of = "organisation", .with = "of", .role = "kind", .from = "starts", .to = "ends"},
     .fields = OUSE_ROWS(membership_fields)},
    {.name = "people",
     .singular = "person",
     .doc = "People who lead, hold a role, or speak for an organisation.",
     .version = 1,
     .label_field = "name",
     .honorific = "honorific",
     .subject = "People",
     .subject_order = 3,
     .fields = OUSE_ROWS(person_fields)},
    {.name = "appointments",
     .singular = "appointment",
     .doc = "Roles of people in organisations, hubs, clusters and groups, with their dates.",
     .version = 1,
     .label_field = "person role",
     .join = {.of = "person", .with = "body", .role = "title role", .from = "starts", .to = "ends"},
     .fields = OUSE_ROWS(appointment_fields)},
    {.name = "areas",
     .singular = "area",
     .doc = "Counties, authorities, regions and localities, and the areas they contain.",
     .version = 2,
     .label_field = "name",
     .context = "kind",
     .subject = "Places",
     .subject_order = 5,
     .fields = OUSE_ROWS(area_fields)},
    {.name = "sites",
     .singular = "site",
     .doc = "Hospitals, campuses and practices: places with an address.",
     .version = 1,
     .label_field = "name",
     .context = "organisation",
     .fields = OUSE_ROWS(site_fields)},
};

/* ---- The GSS code of an area ------------------------------------------- */

#define GSS "gss"

static struct ouse_str gss_of(struct ouse_ctx *ctx, const struct ouse_doc *area)
{
    const struct ouse_doc *identifiers = ouse_member(ctx, area, "identifiers");

    for (uint32_t i = 0; i < ouse_count(ctx, identifiers); i++) {
        const struct ouse_doc *identifier = ouse_at(ctx, identifiers, i);
        if (ouse_is(ouse_text(ctx, identifier, "scheme"), GSS))
            return ouse_text(ctx, identifier, "value");
    }
    return ouse_s(NULL);
}

/* The identifiers of an area with this GSS code in place of the one they have, if any. */
static void set_gss(struct ouse_ctx *ctx, struct ouse_doc *area, struct ouse_str code)
{
    const struct ouse_doc *had = ouse_member(ctx, area, "identifiers");
    struct ouse_doc *identifiers = ouse_list(ctx), *gss = ouse_object(ctx);

    for (uint32_t i = 0; i < ouse_count(ctx, had); i++)
        if (!ouse_is(ouse_text(ctx, ouse_at(ctx, had, i), "scheme"), GSS))
            ouse_add(ctx, identifiers, ouse_copy(ctx, ouse_at(ctx, had, i)));
    if (code.p) {
        ouse_set_text(ctx, gss, "scheme", ouse_s(GSS));
        ouse_set_text(ctx, gss, "value", code);
        ouse_add(ctx, identifiers, gss);
    }
    if (ouse_count(ctx, identifiers))
        ouse_set(ctx, area, "identifiers", identifiers);
    else
        ouse_set_null(ctx, area, "identifiers");
}

/* A client writes a GSS code as `gss_code` or among the identifiers, and the register keeps it in
 * both: gss_code follows a new identifier, and the identifier follows gss_code otherwise. Two new
 * codes that differ are left to check_area. */
static ouse_rc fill_area(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str code = ouse_text(ctx, change->after, "gss_code"), gss = gss_of(ctx, change->after);
    int new_code = code.p && ouse_differs(ctx, change->before, change->after, "gss_code");
    int new_gss = gss.p && !ouse_same(gss, gss_of(ctx, change->before));

    if (new_gss && !new_code)
        ouse_set_text(ctx, change->after, "gss_code", gss);
    else if (!new_gss && !ouse_same(code, gss))
        set_gss(ctx, change->after, code);
    return OUSE_OK;
}

static ouse_rc check_area(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str code = ouse_text(ctx, change->after, "gss_code"), gss = gss_of(ctx, change->after);

    if (ouse_same(code, gss))
        return OUSE_OK;
    return ouse_fail(ctx, OUSE_E_INVALID, "/gss_code", "two_codes",
                     "The GSS code %.*s differs from the identifier gss %.*s; an area has one GSS code",
                     OUSE_F(code), OUSE_F(gss));
}

/* Adds the GSS code as an identifier. Version 1 had it in gss_code only. */
static ouse_rc add_gss_identifier(struct ouse_ctx *ctx, struct ouse_str id, struct ouse_doc *area)
{
    (void)id;
    set_gss(ctx, area, ouse_text(ctx, area, "gss_code"));
    return OUSE_OK;
}

static const struct ouse_migration migrations[] = {
    {.collection = "areas", .from = 1, .fn = add_gss_identifier},
};

/* ---- Rules ------------------------------------------------------------- */

static struct ouse_str above(struct ouse_ctx *ctx, struct ouse_str organisation)
{
    return ouse_text(ctx, ouse_get(ctx, "organisations", organisation), "part_of");
}

/* Whether part_of leads from an organisation back to it, within PART_OF_MAX levels. */
static int is_in_circle(struct ouse_ctx *ctx, struct ouse_str id)
{
    struct ouse_str at = above(ctx, id);

    for (int level = 0; at.p && level < PART_OF_MAX; level++) {
        if (ouse_same(at, id))
            return 1;
        at = above(ctx, at);
    }
    return 0;
}

/* Whether an organisation has more than `levels` levels of others in it. */
static int is_deeper(struct ouse_ctx *ctx, struct ouse_str id, int levels)
{
    OUSE_EACH(ctx, part, ouse_referrers(ctx, "organisations", id, "organisations", "part_of")) {
        if (levels == 0 || is_deeper(ctx, ouse_text(ctx, part, "id"), levels - 1))
            return 1;
    }
    return 0;
}

static ouse_rc too_deep(struct ouse_ctx *ctx, struct ouse_str of, const char *which)
{
    return ouse_fail(
        ctx, OUSE_E_INVALID, "/part_of", "too_deep",
        "An organisation is at most %d levels deep%s; name one that is at a higher level than %.*s",
        PART_OF_MAX, which, OUSE_F(of));
}

/* At the end of the change set, within which organisations may change places in any order. The
 * organisations in this one come to lie as much deeper as it does; those in a new one are new, and are
 * checked themselves. */
static ouse_rc settle_organisation(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str of = ouse_text(ctx, change->after, "part_of"), at = of, way = change->id;
    int level = 0;

    if (!ouse_differs(ctx, change->before, change->after, "part_of"))
        return OUSE_OK;
    for (; at.p && level <= PART_OF_MAX; level++) {
        way = ouse_format(ctx, "%.*s → %.*s", OUSE_F(way), OUSE_F(at));
        if (ouse_same(at, change->id))
            return ouse_fail(
                ctx, OUSE_E_INVALID, "/part_of", "circle",
                "An organisation cannot be part of itself: %.*s; name one that is not part of it",
                OUSE_F(way));
        at = above(ctx, at);
    }
    if (level > PART_OF_MAX) /* the circle is reported for an organisation that closes it */
        return is_in_circle(ctx, at) ? OUSE_OK : too_deep(ctx, of, "");
    if (of.p && change->before && is_deeper(ctx, change->id, PART_OF_MAX - level))
        return too_deep(ctx, of, ", and this one has others in it");
    return OUSE_OK;
}

/* ---- Memberships --------------------------------------------------------- */

static int is_valid_today(struct ouse_ctx *ctx, const struct ouse_doc *membership)
{
    int32_t today = ouse_today(ctx), first, last;

    if (ouse_span(ctx, ouse_text(ctx, membership, "starts"), &first, &last) && first > today)
        return 0;
    return !ouse_span(ctx, ouse_text(ctx, membership, "ends"), &first, &last) || last >= today;
}

static struct ouse_rows *parts_of(struct ouse_ctx *ctx, struct ouse_str organisation)
{
    return ouse_query(ctx, "memberships", "organisation=%.*s&kind=part_of", OUSE_F(organisation));
}

/* Sets part_of of an organisation from the membership that is valid today; removes it if there is
 * none. */
static ouse_rc set_part_of(struct ouse_ctx *ctx, struct ouse_str organisation)
{
    const struct ouse_doc *record = ouse_get(ctx, "organisations", organisation);
    struct ouse_doc *changed = ouse_object(ctx);
    struct ouse_str of = ouse_s(NULL), is = ouse_text(ctx, record, "part_of");

    OUSE_EACH(ctx, membership, parts_of(ctx, organisation))
        if (is_valid_today(ctx, membership))
            of = ouse_text(ctx, membership, "of");
    if (!record || (of.p ? ouse_same(of, is) : !is.p))
        return OUSE_OK;
    if (of.p)
        ouse_set_text(ctx, changed, "part_of", of);
    else
        ouse_set_null(ctx, changed, "part_of");
    return ouse_patch(ctx, "organisations", organisation, changed);
}

static int is_part(struct ouse_ctx *ctx, const struct ouse_doc *membership)
{
    return ouse_is(ouse_text(ctx, membership, "kind"), "part_of");
}

static ouse_rc check_one_membership(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str organisation = ouse_text(ctx, change->after, "organisation");

    OUSE_EACH(ctx, other, parts_of(ctx, organisation)) {
        if (ouse_same(ouse_text(ctx, other, "id"), change->id) || !ouse_overlap(ctx, change->after, other))
            continue;
        return ouse_fail(ctx, OUSE_E_CONFLICT, "/of", "two_memberships",
                         "organisations/%.*s is part of organisations/%.*s at that time (memberships/%.*s); "
                         "end that membership first, or choose another kind",
                         OUSE_F(organisation), OUSE_F(ouse_text(ctx, other, "of")),
                         OUSE_F(ouse_text(ctx, other, "id")));
    }
    return OUSE_OK;
}

/* At the end of the change set, within which memberships may follow each other in any order. */
static ouse_rc settle_membership(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str was = ouse_text(ctx, change->before, "organisation");
    struct ouse_str is = ouse_text(ctx, change->after, "organisation");
    ouse_rc rc = is_part(ctx, change->after) ? check_one_membership(ctx, change) : OUSE_OK;

    if (!rc && is_part(ctx, change->before) && !ouse_same(was, is))
        rc = set_part_of(ctx, was);
    if (!rc && is.p && (is_part(ctx, change->before) || is_part(ctx, change->after)))
        rc = set_part_of(ctx, is);
    return rc;
}

/* Every hour: memberships begin and end without a write. */
static ouse_rc update_parts(struct ouse_ctx *ctx)
{
    ouse_rc rc = OUSE_OK;

    OUSE_EACH(ctx, membership, ouse_query(ctx, "memberships", "kind=part_of"))
        if (!rc)
            rc = set_part_of(ctx, ouse_text(ctx, membership, "organisation"));
    return rc;
}

static const struct ouse_task tasks[] = {
    {.name = "memberships", .every_ms = 3600000, .budget_ms = 5000, .access = OUSE_WRITE, .fn = update_parts},
};

/* All appointments to the role and body of one, where only one person may hold
 * it; else nothing. */
static struct ouse_rows *holders(struct ouse_ctx *ctx, const struct ouse_doc *appointment)
{
    struct ouse_str role = ouse_text(ctx, appointment, "role");
    struct ouse_str body = ouse_text(ctx, appointment, "body");

    if (!ouse_is_one(role, SINGLE_HOLDER))
        return NULL;
    return ouse_query(ctx, "appointments", "body=%.*s&role=%.*s", OUSE_F(body), OUSE_F(role));
}

/* Warns of a second holder. The person may be hidden from the audience of the warnings. */
static ouse_rc check_appointment(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str person = ouse_text(ctx, change->after, "person");

    OUSE_EACH(ctx, other, holders(ctx, change->after)) {
        struct ouse_str rival = ouse_text(ctx, other, "person");
        if (ouse_same(ouse_text(ctx, other, "id"), change->id) || !rival.p || !person.p ||
            ouse_same(rival, person) || !ouse_overlap(ctx, change->after, other))
            continue;
        ouse_warn(ctx, "/role", "two_holders", "%.*s holds the role %.*s of %.*s at the same time",
                  OUSE_F(ouse_text(ctx, ouse_get(ctx, "people", rival), "name")),
                  OUSE_F(ouse_text(ctx, other, "role")), OUSE_F(ouse_text(ctx, other, "body")));
    }
    return OUSE_OK;
}

static void recheck_holders(struct ouse_ctx *ctx, const struct ouse_doc *appointment)
{
    OUSE_EACH(ctx, other, holders(ctx, appointment))
        ouse_recheck(ctx, "appointments", ouse_text(ctx, other, "id"));
}

static ouse_rc follow_appointment(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    recheck_holders(ctx, change->before);
    recheck_holders(ctx, change->after);
    return OUSE_OK;
}

/* Rechecks the appointments of others with warnings that name the person. */
static ouse_rc follow_person(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    OUSE_EACH(ctx, appointment, ouse_referrers(ctx, "people", change->id, "appointments", "person"))
        recheck_holders(ctx, appointment);
    return OUSE_OK;
}

static const struct ouse_hook hooks[] = {
    {.collection = "areas",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FILL,
     .fn = fill_area},
    {.collection = "areas",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_CHECK,
     .fn = check_area},
    {.collection = "organisations",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FILL,
     .fn = ouse_fill_postcode},
    {.collection = "sites",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FILL,
     .fn = ouse_fill_postcode},
    {.collection = "organisations",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_SETTLE,
     .fn = settle_organisation},
    {.collection = "memberships",
     .ops = OUSE_ON_WRITE | OUSE_ON_REMOVE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_SETTLE,
     .fn = settle_membership},
    {.collection = "appointments",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_CHECK,
     .fn = check_appointment},
    {.collection = "appointments",
     .ops = OUSE_ON_WRITE | OUSE_ON_REMOVE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_appointment},
    {.collection = "people",
     .ops = OUSE_ON_UPDATE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_person},
};

/* ---- POST {collection}/{id}/merge -------------------------------------- */

static ouse_rc merge(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_str name = ouse_text(ctx, ouse_member(ctx, request->record, "meta"), "collection");
    const char *collection = ouse_format(ctx, "%.*s", OUSE_F(name)).p;
    struct ouse_str into = ouse_text(ctx, request->body, "into");

    if (!into.p)
        return ouse_fail(ctx, OUSE_E_INVALID, "/into", "required",
                         "Give the id of the record of %s that remains, as \"into\"", collection);
    ouse_rc rc = ouse_merge(ctx, collection, request->id, into);
    if (rc == OUSE_OK)
        ouse_reply(ctx, ouse_get(ctx, collection, into));
    return rc;
}

/* ---- The plugin -------------------------------------------------------- */

static const struct ouse_parameter roles_parameters[] = {
    {.name = "on",
     .type = OUSE_DATE,
     .doc = "Only entries that are in force on this day; an entry without dates always is."},
};

static const char merge_body[] =
    OUSE_JSON({
    "type": "object",
    "properties": {"into": {"type": "string", "description": "Id of the record that remains"}},
    "additionalProperties": false,
    "required": ["into"]
});

static const char roles_reply[] = OUSE_JSON({
    "type": "object",
    "properties": {
        "person": {"type": "object", "required": ["id", "name"]},
        "on": {"type": ["string", "null"]},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "appointments": {"type": "array", "items": {"type": "object", "required": ["id", "role", "body"]}},
        "leads": {"type": "array", "items": {"type": "object", "required": ["collection", "id", "label"]}},
        "statements": {"type": "array", "items": {"type": "object", "required": ["id", "text"]}}
    },
    "required": ["person", "on", "counts", "appointments", "leads", "statements"]
});

static const char involvement_reply[] =
    OUSE_JSON({
    "type": "object",
    "properties": {
        "organisation": {"type": "object", "required": ["id", "name"]},
        "count": {"type": "integer"},
        "collections": {"type": "array", "items": {"type": "object", "required": ["collection", "count", "records"]}}
    },
    "required": ["organisation", "count", "collections"]
});

static const char overview_reply[] = OUSE_JSON({
    "type": "object",
    "properties": {
        "area": {"type": "object", "required": ["id", "name"]},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "contains": {"type": "array", "items": {"type": "object", "required": ["id"]}},
        "organisations": {"type": "array", "items": {"type": "object", "required": ["id"]}},
        "sites": {"type": "array", "items": {"type": "object", "required": ["id"]}},
        "hubs": {"type": "array", "items": {"type": "object", "required": ["id"]}},
        "networks": {"type": "array", "items": {"type": "object", "required": ["id"]}},
        "clusters": {"type": "array", "items": {"type": "object", "required": ["id"]}},
        "strategies": {"type": "array", "items": {"type": "object", "required": ["id"]}},
        "within": {"type": "array", "items": {"type": "object", "required": ["id"]}},
        "here": {"type": "array", "items": {"type": "object", "required": ["collection", "count", "records"]}},
        "covers": {"type": "array", "items": {"type": "object", "required": ["collection", "count", "records"]}}
    },
    "required": ["area", "counts", "contains", "organisations", "sites",
                 "hubs", "networks", "clusters", "strategies", "within", "here", "covers"]
});

static const char merge_reply[] = OUSE_JSON({"type": "object", "required": ["id", "meta"]});

#define MERGE(plural)                                                                                        \
    {                                                                                                        \
        .method = "POST", .path = plural "/{id}/merge", .access = OUSE_WRITE, .role = OUSE_MANAGER,          \
        .fn = merge, .body_schema = merge_body, .reply_schema = merge_reply,                                 \
        .summary = "Merges this record into another: all references move, and the old address redirects to " \
                   "the new one"                                                                             \
    }

static const struct ouse_route routes[] = {
    {.method = "GET",
     .path = "people/{id}/roles",
     .access = OUSE_READ,
     .fn = person_roles,
     .summary = "A person's appointments, the records that they lead, and their statements",
     .parameters = OUSE_ROWS(roles_parameters),
     .reply_schema = roles_reply},
    {.method = "GET",
     .path = "organisations/{id}/involvement",
     .access = OUSE_READ,
     .fn = organisation_involvement,
     .summary = "All records that refer to an organisation, by collection",
     .reply_schema = involvement_reply},
    {.method = "GET",
     .path = "areas/{id}/overview",
     .access = OUSE_READ,
     .fn = area_overview,
     .summary = "The organisations, sites and other records of an area and of the areas that it contains",
     .reply_schema = overview_reply},
    MERGE("organisations"),
    MERGE("people"),
    MERGE("areas"),
    MERGE("sites"),
};

OUSE_PLUGIN(.name = "directory", .version = "1.0.0", .title = "Directory",
            .doc = "People, organisations, areas and sites, and the roles of people.",
            .threads = OUSE_PARALLEL, .collections = OUSE_ROWS(collections), .routes = OUSE_ROWS(routes),
            .hooks = OUSE_ROWS(hooks), .migrations = OUSE_ROWS(migrations), .tasks = OUSE_ROWS(tasks),
            .spellings = "NHS England ICB ICS GP ODS ORCID ROR UKPRN GSS DOI NIHR ISRCTN NCT IRAS CPMS")
