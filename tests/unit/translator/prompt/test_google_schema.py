"""A document whose references multiply each other."""

from __future__ import annotations

import json

from translator.prompt.google_schema import MOST_REFERENCES, google_schema

from tests.laws.google_schemas import check_google_schema


def test_references_that_multiply_are_not_written_out() -> None:
    definitions = {
        str(level): {
            "type": "object",
            "properties": {side: {"$ref": f"#/$defs/{level + 1}"} for side in ("left", "right")},
        }
        for level in range(64)
    }
    converted = google_schema({"$ref": "#/$defs/0", "$defs": definitions})
    check_google_schema(converted)
    assert json.dumps(converted).count("left") <= MOST_REFERENCES
