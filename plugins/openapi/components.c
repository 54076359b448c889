/* components: parameters, headers, problems and security, by the names under which
 * operations refer to them. */
#include "openapi.h"

static const char places[] = OUSE_JSON(
    "Id": {
        "name": "id", "in": "path", "required": true, "description": "The id of the record.",
        "schema": {"$ref": "#/components/schemas/Id"}, "example": "an-id"
    },
    "Revision": {
        "name": "n", "in": "path", "required": true, "description": "The number of the revision, from 1.",
        "schema": {"type": "integer", "minimum": 1}, "example": 1
    },
    "Scheme": {
        "name": "scheme", "in": "path", "required": true, "description": "The scheme of the identifier.",
        "schema": {"type": "string"}, "example": "ods"
    },
    "Value": {
        "name": "value", "in": "path", "required": true, "description": "The identifier.",
        "schema": {"type": "string"}, "example": "RWK"
    },
    "References": {
        "name": "references", "in": "query",
        "description": "How rows refer to records: by id, by code (`ods:RWK`) or by label; else by ids and codes.",
        "schema": {"type": "string", "enum": ["id", "code", "label"]}, "example": "code"
    },
    "Map": {
        "name": "map", "in": "query",
        "description": "A mapping: a JSON object of column and field, or of settings; see the README.",
        "schema": {"type": "string"}, "example": "{}"
    },
    "Collection": {
        "name": "collection", "in": "path", "required": true, "description": "The name of a collection.",
        "schema": {"type": "string"}, "example": "people"
    }
);

static const char queries[] = OUSE_JSON(
    "Limit": {
        "name": "limit", "in": "query", "description": "Most entries of the page.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "example": 20
    },
    "Cursor": {
        "name": "cursor", "in": "query", "description": "`page.next` of the page before, of the same query.",
        "schema": {"type": "string"}
    },
    "Into": {
        "name": "collection", "in": "query", "required": true, "description": "Where the rows go.",
        "schema": {"type": "string"}, "example": "people"
    },
    "Mode": {
        "name": "mode", "in": "query", "description": "Whether records must be new, must exist, or either.",
        "schema": {"type": "string", "enum": ["create", "update", "upsert"]}, "example": "upsert"
    },
    "Match": {
        "name": "match", "in": "query",
        "description": "The key of a row: `id`, `identifiers.{scheme}`, a unique field or `label`.",
        "schema": {"type": "string", "default": "id"}, "example": "id"
    },
    "Sort": {
        "name": "sort", "in": "query",
        "description": "Fields, `created` or `updated`, separated by commas; a `-` before one reverses it. Ties are in the order of ids.",
        "schema": {"type": "string"}, "example": "id"
    },
    "Words": {
        "name": "q", "in": "query",
        "description": "Words in any searchable fields; the last one may be the beginning of a word.",
        "schema": {"type": "string"}
    },
    "Count": {
        "name": "count", "in": "query",
        "description": "Counts all records that match, in `page.count`; `few`: that and facets only where it costs little.",
        "schema": {"type": "string", "enum": ["exact", "few"]}, "example": "exact"
    },
    "Fields": {
        "name": "fields", "in": "query",
        "description": "Fields, separated by commas: of each record there are these, `id` and `meta`.",
        "schema": {"type": "string"}, "example": "meta"
    },
    "Facet": {
        "name": "facet", "in": "query",
        "description": "Fields, separated by commas: how many records have each value, in `facets`.",
        "schema": {"type": "string"}
    },
    "Expand": {
        "name": "expand", "in": "query",
        "description": "References, separated by commas, of at most two steps: their targets are in `included`.",
        "schema": {"type": "string"}
    },
    "AsOf": {
        "name": "as_of", "in": "query",
        "description": "The answer of then: a date (its end, in UTC) or an instant, `2026-01-31T12:00:00Z`.",
        "schema": {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}
    },
    "For": {
        "name": "for", "in": "query",
        "description": "CSV only: `people` returns titles, labels and words in place of names, ids and codes, and a file name.",
        "schema": {"type": "string", "enum": ["people"]}
    },
    "Group": {
        "name": "group", "in": "query", "description": "Fields, separated by commas, by whose values records are counted.",
        "schema": {"type": "string"}
    },
    "Sum": {
        "name": "sum", "in": "query", "description": "Fields, separated by commas: amounts and whole numbers.",
        "schema": {"type": "string"}
    },
    "Diff": {
        "name": "diff", "in": "query",
        "description": "Another revision: the differences between the two, in place of the record.",
        "schema": {"type": "integer", "minimum": 1}
    }
);

static const char changes[] = OUSE_JSON(
    "Since": {
        "name": "since", "in": "query", "description": "`page.next` of the page before; changes after it.",
        "schema": {"type": "integer", "minimum": 0, "default": 0}, "example": 0
    },
    "Way": {
        "name": "sort", "in": "query", "description": "Which way; `-seq` has the latest first.",
        "schema": {"type": "string", "enum": ["seq", "-seq"], "default": "seq"}, "example": "seq"
    },
    "Before": {
        "name": "before", "in": "query",
        "description": "With `sort=-seq`: `page.next` of the page before; changes before it.",
        "schema": {"type": "integer", "minimum": 1}
    },
    "Only": {
        "name": "collection", "in": "query", "description": "Changes in this collection only.",
        "schema": {"type": "string"}, "example": "people"
    },
    "From": {
        "name": "since", "in": "query",
        "description": "Changes from here on: a date (its beginning, in UTC), an instant, or hours, days or weeks before now: `12h`, `30d`, `2w`.",
        "schema": {"type": "string", "default": "30d"}, "example": "30d"
    },
    "Until": {
        "name": "until", "in": "query",
        "description": "The end of the span, in the same forms; a date means its end. Absent: now.",
        "schema": {"type": "string"}
    },
    "Type": {
        "name": "type", "in": "query", "description": "A collection: changes of its records only.",
        "schema": {"type": "string"}, "example": "people"
    },
    "Counts": {
        "name": "count", "in": "query",
        "description": "Adds `counts`: how many records were added, changed, removed and merged.",
        "schema": {"type": "string", "const": "exact"}, "example": "exact"
    },
    "LastEventId": {
        "name": "Last-Event-ID", "in": "header",
        "description": "The last event that the client of a stream has; it counts before `since`.",
        "schema": {"type": "integer", "minimum": 0}, "example": 0
    }
);

static const char conditions[] = OUSE_JSON(
    "DryRun": {
        "name": "dry_run", "in": "query", "description": "Checks everything, and stores nothing.",
        "schema": {"type": "boolean", "default": false}, "example": true
    },
    "IfMatch": {
        "name": "If-Match", "in": "header", "required": true,
        "description": "The ETag of the record as it was read.", "schema": {"type": "string"}, "example": "\"1f\""
    },
    "IfMatchOrNew": {
        "name": "If-Match", "in": "header",
        "description": "The ETag of the record to replace; required, unless `If-None-Match: *` creates it.",
        "schema": {"type": "string"}, "example": "\"1f\""
    },
    "IfNew": {
        "name": "If-None-Match", "in": "header", "description": "Creates the record, unless it is there.",
        "schema": {"type": "string", "const": "*"}, "example": "*"
    },
    "IfNoneMatch": {
        "name": "If-None-Match", "in": "header", "description": "The ETag of the client's copy: 304 if it is current.",
        "schema": {"type": "string"}, "example": "\"1f\""
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key", "in": "header",
        "description": "For a day, the same request with the same key is answered again and not done again.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255}, "example": "8e03978e-40d5-43e8-bc93-6894a57f9324"
    }
);

static const char others[] = OUSE_JSON(
    "headers": {
        "ETag": {"description": "Of this state of the record.", "schema": {"type": "string"}, "example": "\"1f\""},
        "Location": {
            "description": "Where it is.", "schema": {"type": "string", "format": "uri-reference"},
            "example": "/api/v1/people/an-id"
        },
        "Link": {
            "description": "The next page, as rel=\"next\".", "schema": {"type": "string"},
            "example": "</api/v1/people?limit=50&cursor=abc>; rel=\"next\""
        }
    },
    "securitySchemes": {
        "bearer": {
            "type": "http", "scheme": "bearer",
            "description": "A token (ouse_…) from the office, for one of the roles partner, office and manager; requirements name the permitted roles. Reading public data needs no token."
        }
    }
);

static const char successes[] = OUSE_JSON(
    "200": {
        "description": "A dry run: the record that would be made",
        "content": {"application/json": {"schema": {"type": "object"}}}
    },
    "201": {
        "description": "The record was created",
        "headers": {"Location": {"$ref": "#/components/headers/Location"}, "ETag": {"$ref": "#/components/headers/ETag"}},
        "content": {"application/json": {"schema": {"type": "object"}}}
    },
    "304": {"description": "The copy of the client is current"},
    "308": {
        "description": "The record was merged into another one",
        "headers": {"Location": {"$ref": "#/components/headers/Location"}}
    }
);

/* Problems by status; `type` is the part after "/problems/". */
static const struct problem {
    const char *status, *type, *title, *description;
} problems[] = {
    {"400", "bad-request", "The request is malformed",
     "A parameter, header or body that cannot be read, or is not known here"},
    {"401", "unauthenticated", "Valid credentials are required", "No token, or one that is not valid"},
    {"403", "forbidden", "The caller may not do this", "The token does not suffice"},
    {"404", "not-found", "There is no such resource",
     "The resource does not exist, or the caller may not see it"},
    {"406", "not-acceptable", "There is no acceptable representation", "No representation matches Accept"},
    {"409", "conflict", "The change conflicts with the state of the register",
     "The state of the record, or other records, forbid it"},
    {"410", "gone", "The record was deleted", "It was deleted; or the position is from before a restore"},
    {"412", "precondition-failed", "The record has changed since it was read",
     "The record has changed since it was read; `current` is its present state"},
    {"413", "too-large", "The request is too large", "Over a cap, which the detail names"},
    {"415", "unsupported-media-type", "The media type of the body is not accepted here",
     "The media type of the body is not accepted here"},
    {"422", "validation", "The record is not valid", "Each thing that is wrong has a pointer and a code"},
    {"428", "precondition-required", "The change must name the revision that it is for",
     "If-Match is missing"},
    {"429", "too-many-requests", "There are too many concurrent requests",
     "Too many concurrent requests; see Retry-After"},
    {"500", "internal", "The server has made a mistake", "A defect of the server or of a plugin"},
    {"503", "unavailable", "The service is not available at present",
     "The store cannot be read or written now, the answer needs more processor time than a request may use, "
     "or the server is stopping; see Retry-After"},
};

static void add_problem(struct text *text, const struct problem *problem)
{
    text_next(text);
    text_add(text, "\"%s\":{", problem->status);
    text_member(text, "description", ouse_s(problem->description));
    text_add(
        text,
        ",\"content\":{\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"},"
        "\"example\":{\"type\":\"/problems/%s\",\"title\":\"%s\",\"status\":%s,"
        "\"request_id\":\"01jd3v9x\"}}}}",
        problem->type, problem->title, problem->status);
}

void components_shared(struct text *text)
{
    text_next(text);
    text_add(text, "\"parameters\":{%s,%s,%s,%s},%s,\"responses\":{%s", places, queries, changes, conditions,
             others, successes);
    for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++)
        add_problem(text, &problems[i]);
    text_add(text, "}");
}

/* Each word of a text, in a template with "@" for it. */
static void fill_each(struct text *text, const char *words, const char *template)
{
    for (const char *at = words; *(at += strspn(at, " ")); at += strcspn(at, " ")) {
        struct ouse_str word = {at, (uint32_t)strcspn(at, " ")};
        text_next(text);
        text_fill(text, template, word);
    }
}

void components_parameters(struct text *text, const char *names)
{
    fill_each(text, names, "{\"$ref\":\"#/components/parameters/@\"}");
}

void components_headers(struct text *text, const char *names)
{
    fill_each(text, names, "\"@\":{\"$ref\":\"#/components/headers/@\"}");
}

void components_problems(struct text *text, const char *statuses)
{
    fill_each(text, statuses, "\"@\":{\"$ref\":\"#/components/responses/@\"}");
}
