/* shared: schemas that every collection uses, and those of the server's own answers. */
#include "openapi.h"

static const char values[] = OUSE_JSON(
    "Id": {
        "type": "string",
        "description": "Of a record: chosen by the client or made from its label; it never changes.",
        "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 80, "examples": ["an-id"]
    },
    "Reference": {
        "type": "string",
        "description": "A record of one of several collections.",
        "pattern": "^[a-z][a-z0-9-]*/[a-z0-9]+(-[a-z0-9]+)*$", "examples": ["people/an-id"]
    },
    "PartialDate": {
        "type": "string",
        "description": "A day, a month or a year; it compares as the span that it is.",
        "pattern": "^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$", "examples": ["2026-01"]
    },
    "Quantity": {
        "type": "object",
        "description": "A number, or a range, as exact as its source.",
        "properties": {
            "value": {"type": "number"}, "min": {"type": "number"}, "max": {"type": "number"},
            "qualifier": {"type": "string", "enum": ["exact", "approx", "over", "under", "range"]},
            "unit": {"type": "string", "maxLength": 40}
        },
        "additionalProperties": false,
        "anyOf": [{"required": ["value"]}, {"required": ["min", "max"]}],
        "examples": [{"min": 30000, "max": 50000, "qualifier": "approx", "unit": "people"}]
    },
    "Observation": {
        "type": "object",
        "description": "The measurements, by date.",
        "properties": {"on": {"$ref": "#/components/schemas/PartialDate"}, "value": {"type": "number"}},
        "additionalProperties": false, "required": ["on", "value"]
    }
);

static const char records[] = OUSE_JSON(
    "Visibility": {"type": "string", "enum": ["public", "partner", "office"]},
    "Sources": {
        "type": "array", "minItems": 1,
        "description": "The sources of the record, or of some of its fields.",
        "items": {
            "type": "object",
            "properties": {
                "publication": {"$ref": "#/components/schemas/Id"},
                "quote": {"type": "string", "maxLength": 1000},
                "fields": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "json-pointer"}},
                "status": {"type": "string", "enum": ["claimed", "confirmed", "disputed"]}
            },
            "additionalProperties": false, "required": ["publication"]
        }
    },
    "Meta": {
        "type": "object",
        "description": "Data of the register about the record.",
        "properties": {
            "collection": {"type": "string"},
            "revision": {"type": "integer", "minimum": 1},
            "created": {"type": "string", "format": "date-time"},
            "updated": {"type": "string", "format": "date-time"},
            "visibility": {"$ref": "#/components/schemas/Visibility"},
            "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/Warning"}}
        },
        "required": ["collection", "revision", "created", "updated", "visibility", "warnings"]
    },
    "MetaChanges": {
        "type": ["object", "null"],
        "description": "Only the visibility is used; the rest is ignored.",
        "properties": {"visibility": {"$ref": "#/components/schemas/Visibility"}}
    },
    "Warning": {
        "type": "object",
        "properties": {
            "code": {"type": "string"},
            "field": {"type": "string", "description": "A JSON pointer; empty for the whole record."},
            "detail": {"type": "string"}, "visibility": {"$ref": "#/components/schemas/Visibility"}
        },
        "required": ["code", "field", "detail"]
    },
    "Ended": {
        "type": "object",
        "description": "The revision that ended a record.",
        "properties": {
            "id": {"$ref": "#/components/schemas/Id"},
            "meta": {
                "type": "object",
                "properties": {
                    "collection": {"type": "string"}, "revision": {"type": "integer"},
                    "updated": {"type": "string", "format": "date-time"},
                    "removed": {"type": "boolean"}, "merged_into": {"$ref": "#/components/schemas/Id"}
                },
                "required": ["collection", "revision", "updated"]
            }
        },
        "additionalProperties": false, "required": ["id", "meta"]
    },
    "Made": {
        "type": "object",
        "description": "A record that its maker may not see.",
        "properties": {"id": {"$ref": "#/components/schemas/Id"}},
        "additionalProperties": false, "required": ["id"]
    },
    "Part": {
        "type": "object",
        "description": "A record of some collection, or its requested fields.",
        "properties": {
            "id": {"$ref": "#/components/schemas/Id"}, "meta": {"$ref": "#/components/schemas/Meta"},
            "included": {
                "type": "object", "description": "The expanded references of one record, by collection/id.",
                "additionalProperties": {"$ref": "#/components/schemas/Part"}
            },
            "more_included": {"type": "boolean", "description": "Not all that was expanded found room."}
        },
        "required": ["id", "meta"]
    },
    "Facets": {
        "type": "object",
        "description": "By field and value, how many records there are.",
        "additionalProperties": {"type": "object", "additionalProperties": {"type": "integer"}}
    },
    "Figures": {
        "type": "object",
        "properties": {
            "group": {"type": "object", "description": "A value of each field; null is unknown."},
            "count": {"type": "integer"},
            "sum": {"type": "object", "additionalProperties": {"type": ["number", "null"]}},
            "currencies": {"type": "object", "additionalProperties": {"type": "object"}}
        },
        "additionalProperties": false, "required": ["count", "sum"]
    },
    "Summary": {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": {"$ref": "#/components/schemas/Figures"}},
            "total": {"$ref": "#/components/schemas/Figures"}
        },
        "required": ["data", "total"]
    },
    "Page": {
        "type": "object",
        "properties": {
            "limit": {"type": "integer", "minimum": 1},
            "next": {"type": ["string", "null"], "description": "The cursor of the next page; null on the last."},
            "cut": {"type": "boolean", "description": "A time or step budget ended the page early; go on with next."},
            "count": {"type": "integer"},
            "more_included": {"type": "boolean", "description": "Not all that was expanded found room."}
        },
        "required": ["limit", "next"]
    }
);

static const char requests[] = OUSE_JSON(
    "JsonPatch": {
        "type": "array",
        "description": "RFC 6902.",
        "items": {
            "type": "object",
            "properties": {
                "op": {"type": "string", "enum": ["add", "remove", "replace", "move", "copy", "test"]},
                "path": {"type": "string"}, "from": {"type": "string"}, "value": true
            },
            "required": ["op", "path"]
        }
    },
    "Move": {
        "type": "object",
        "description": "Members in addition to `to` are set with the move.",
        "properties": {"to": {"type": "string", "description": "The state that it leads to."}},
        "required": ["to"]
    },
    "Revert": {
        "type": "object",
        "description": "States, system fields and fixed ones stay as they are.",
        "properties": {"to": {"type": "integer", "minimum": 1, "description": "The revision to go back to."}},
        "additionalProperties": false, "required": ["to"]
    },
    "Batch": {
        "type": "object",
        "properties": {
            "operations": {
                "type": "array", "minItems": 1, "maxItems": 1000,
                "items": {
                    "type": "object",
                    "properties": {
                        "op": {"type": "string", "enum": ["create", "replace", "patch", "move", "remove"]},
                        "collection": {"type": "string"}, "id": {"$ref": "#/components/schemas/Id"},
                        "data": {"type": ["object", "array"]}, "to": {"type": "string"},
                        "if_match": {"type": "string"}
                    },
                    "additionalProperties": false, "required": ["op", "collection"]
                }
            }
        },
        "additionalProperties": false, "required": ["operations"]
    },
    "BatchResults": {
        "type": "object",
        "properties": {
            "results": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "status": {"type": "integer", "enum": [200, 201, 204]},
                        "collection": {"type": "string"}, "id": {"$ref": "#/components/schemas/Id"},
                        "etag": {"type": "string"}, "record": {"type": "object"}
                    },
                    "required": ["status", "collection", "id"]
                }
            }
        },
        "required": ["results"]
    }
);

static const char results[] = OUSE_JSON(
    "Difference": {
        "type": "object",
        "description": "The differences between two revisions.",
        "properties": {
            "id": {"$ref": "#/components/schemas/Id"}, "from": {"type": "integer"}, "to": {"type": "integer"},
            "changes": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"path": {"type": "string"}, "from": {}, "to": {}},
                    "additionalProperties": false, "required": ["path"]
                }
            }
        },
        "additionalProperties": false, "required": ["id", "from", "to", "changes"]
    },
    "ChangeSummary": {
        "type": "object",
        "description": "Changes in a span of time, as the caller sees them. A change that was reverted has no row.",
        "properties": {
            "since": {"type": "string", "format": "date-time"}, "until": {"type": "string", "format": "date-time"},
            "data": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "collection": {"type": "string"}, "id": {"$ref": "#/components/schemas/Id"},
                        "change": {"type": "string", "enum": ["added", "changed", "removed", "merged"]},
                        "at": {"type": "string", "format": "date-time", "description": "Of its last change in the span."},
                        "from": {"type": "integer", "description": "The revision before the span."},
                        "revision": {"type": "integer", "description": "The revision at the end of the span."},
                        "into": {"$ref": "#/components/schemas/Id"},
                        "changes": {
                            "type": "array", "description": "Of a record that changed: the fields that differ.",
                            "items": {
                                "type": "object",
                                "properties": {"path": {"type": "string"}, "from": {}, "to": {}},
                                "additionalProperties": false, "required": ["path", "from", "to"]
                            }
                        }
                    },
                    "required": ["collection", "id", "change", "at", "revision", "changes"]
                }
            },
            "counts": {
                "type": "object",
                "description": "With `count=exact`, on the first page: records of the whole span. Absent if they are too many to count in one request.",
                "properties": {
                    "added": {"type": "integer"}, "changed": {"type": "integer"}, "removed": {"type": "integer"},
                    "merged": {"type": "integer"}
                },
                "required": ["added", "changed", "removed", "merged"]
            },
            "page": {
                "type": "object",
                "properties": {
                    "limit": {"type": "integer"}, "next": {"type": ["string", "null"]},
                    "cut": {"type": "boolean", "description": "A step budget ended the page early; go on with next."}
                },
                "required": ["limit", "next"]
            }
        },
        "required": ["since", "until", "data", "page"]
    },
    "Imported": {
        "type": "object",
        "properties": {
            "collection": {"type": "string"}, "rows": {"type": "integer"}, "created": {"type": "integer"},
            "updated": {"type": "integer"}, "unchanged": {"type": "integer"},
            "ignored": {
                "type": "array", "items": {"type": "string"},
                "description": "Columns that neither the mapping nor the collection has."
            }
        },
        "required": ["collection", "rows", "created", "updated", "unchanged"]
    }
);

static const char answers[] = OUSE_JSON(
    "Problem": {
        "type": "object",
        "description": "RFC 9457.",
        "properties": {
            "type": {"type": "string", "pattern": "^/problems/[a-z0-9-]+$"},
            "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"},
            "request_id": {"type": "string"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "pointer": {"type": "string", "description": "The place in the request; empty for the whole."},
                        "code": {"type": "string"}, "detail": {"type": "string"},
                        "file": {"type": "string", "description": "For an import: the file."},
                        "line": {"type": "integer", "description": "As an editor counts lines."},
                        "row": {"type": "integer", "description": "As a spreadsheet counts rows."},
                        "column": {"type": ["string", "null"], "description": "Its name in the file."}
                    },
                    "required": ["pointer", "code", "detail"]
                }
            }
        },
        "required": ["type", "title", "status", "request_id"]
    },
    "Changes": {
        "type": "object",
        "properties": {
            "data": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "seq": {"type": "integer"}, "at": {"type": "string", "format": "date-time"},
                        "op": {"type": "string"}, "collection": {"type": "string"},
                        "id": {"$ref": "#/components/schemas/Id"}, "revision": {"type": "integer"},
                        "actor": {"type": "string", "description": "The actor; only for the office."}
                    },
                    "required": ["seq", "at", "op", "collection", "id", "revision"]
                }
            },
            "page": {
                "type": "object",
                "properties": {
                    "limit": {"type": "integer"}, "next": {"type": "integer"},
                    "last": {"type": "integer", "description": "Of the latest change that there was."},
                    "epoch": {"type": "integer", "description": "Of a restored register: the position before its first change. Lower positions are from before the restore."},
                    "cut": {"type": "boolean", "description": "A step budget ended the page early; go on with next."}
                },
                "required": ["limit", "next", "last"]
            }
        },
        "required": ["data", "page"]
    },
    "Index": {
        "type": "object",
        "properties": {
            "collections": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string"}, "title": {"type": "string"},
                        "href": {"type": "string", "format": "uri-reference"}
                    },
                    "required": ["name", "title", "href"]
                }
            },
            "links": {"type": "object", "additionalProperties": {"type": "string", "format": "uri-reference"}}
        },
        "required": ["collections", "links"]
    },
    "Declaration": {
        "type": "object",
        "description": "A collection, as its plugin declares it.",
        "properties": {
            "name": {"type": "string"}, "singular": {"type": "string"}, "version": {"type": "integer"},
            "fields": {"type": "array", "items": {"type": "object"}}
        },
        "required": ["name", "singular", "version", "fields"]
    },
    "Declarations": {
        "type": "object",
        "properties": {
            "collections": {"type": "array", "items": {"$ref": "#/components/schemas/Declaration"}}
        },
        "required": ["collections"]
    },
    "Plugins": {
        "type": "object",
        "properties": {
            "data": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string"}, "version": {"type": "string"}, "title": {"type": "string"},
                        "abi": {"type": "string"}, "collections": {"type": "array", "items": {"type": "string"}}
                    },
                    "required": ["name", "version", "title", "abi", "collections"]
                }
            }
        },
        "required": ["data"]
    },
    "Health": {
        "type": "object", "properties": {"status": {"type": "string"}}, "required": ["status"]
    },
    "Version": {
        "type": "object",
        "properties": {
            "version": {"type": "string"}, "abi": {"type": "string"},
            "plugins": {"type": "array", "items": {"type": "object"}}
        },
        "required": ["version", "abi", "plugins"]
    }
);

static const char caller[] = OUSE_JSON(
    "Caller": {
        "type": "object",
        "properties": {
            "role": {"type": "string", "enum": ["public", "partner", "office", "manager"]},
            "actor": {"type": ["string", "null"]},
            "account": {"type": ["string", "null"]},
            "name": {"type": ["string", "null"]},
            "organisation": {"type": ["string", "null"]},
            "grants": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "role": {"type": "string"},
                        "collections": {"type": "array", "items": {"type": "string"}},
                        "organisation": {"type": ["string", "null"]},
                        "expires": {"type": ["string", "null"], "format": "date-time"}
                    },
                    "required": ["role", "collections", "organisation", "expires"]
                }
            }
        },
        "required": ["role", "actor", "account", "name", "organisation", "grants"]
    }
);

void shared_schemas(struct text *text)
{
    static const char *const all[] = {values, records, requests, results, answers, caller};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        text_next(text);
        text_add(text, "%s", all[i]);
    }
}
