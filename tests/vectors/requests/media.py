"""Images, documents and search results (wire.md 4.3; failure modes 30, 31, 32)."""

from dataclasses import replace
from typing import Any

from tests.vectors.requests import (
    OPENAI,
    PLAIN,
    RefusedCase,
    RequestCase,
    ask,
    sent,
    sent_to_openai,
    text,
    tool_result,
    user,
)

BLIND = replace(PLAIN, images=False)
PNG: dict[str, Any] = {
    "type": "image",
    "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="},
}
PNG_PART = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
UNSEEN = text("[An image stands here that this model cannot see.]")


def document(source: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "document", "source": source, **more}


REPORT = document({"type": "text", "media_type": "text/plain", "data": "All is well."})
PDF = document({"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="})
PDF_DATA = "data:application/pdf;base64,JVBERi0="

CASES = [
    RequestCase(
        id="image-base64",
        why="bytes become a data URL",
        request=ask(user(PNG, text("What is it?"))),
        body=sent(user(PNG_PART, text("What is it?"))),
    ),
    RequestCase(
        id="image-alone",
        why="a single part that is no text stays a list",
        request=ask(user({**PNG, "cache_control": {"type": "ephemeral"}})),
        body=sent(user(PNG_PART)),
    ),
    RequestCase(
        id="image-never-scaled",
        why="whether an upstream scales it down nobody can say",
        request=ask(user({**PNG, "transformations": {"oversized_image": "error"}})),
        body=sent(user(PNG_PART)),
        dropped=("image.transformations",),
    ),
    RequestCase(
        id="image-scaled",
        why="that is what happens anyway",
        request=ask(user({**PNG, "transformations": {"oversized_image": "downsize"}}, {**PNG, "transformations": {}})),
        body=sent(user(PNG_PART, PNG_PART)),
    ),
    RequestCase(
        id="image-url",
        why="the upstream fetches it, never the gateway",
        request=ask(user({"type": "image", "source": {"type": "url", "url": "https://pictures.test/a.png"}})),
        body=sent(user({"type": "image_url", "image_url": {"url": "https://pictures.test/a.png"}})),
    ),
    RequestCase(
        id="image-for-a-blind-model",
        why="failure mode 31: a note instead, in the history too, or every later turn is refused",
        request=ask(user(PNG, text("What is it?"))),
        body=sent(user(UNSEEN, text("What is it?"))),
        dropped=("image",),
        traits=BLIND,
    ),
    RequestCase(
        id="document-text",
        why="failure mode 32: text needs no file",
        request=ask(user(REPORT)),
        body=sent(user("All is well.")),
    ),
    RequestCase(
        id="document-text-with-heading",
        why="title and context stand before the text; that nothing will be cited is not lost in silence",
        request=ask(user({**REPORT, "title": "Report", "context": "Of Monday", "citations": {"enabled": True}})),
        body=sent(user(text("Report"), text("Of Monday"), text("All is well."))),
        dropped=("citations",),
    ),
    RequestCase(
        id="document-empty",
        why="upstreams refuse empty text",
        request=ask(user(document({"type": "text", "media_type": "text/plain", "data": ""}, title=" "), text("Hi"))),
        body=sent(user("Hi")),
    ),
    RequestCase(
        id="document-content-string",
        why="a string stands for one text block",
        request=ask(user(document({"type": "content", "content": "All is well."}))),
        body=sent(user("All is well.")),
    ),
    RequestCase(
        id="document-content-blocks",
        why="failure mode 32: its images become parts like any others",
        request=ask(user(document({"type": "content", "content": [text("A chart:"), PNG]}, title="Report"))),
        body=sent(user(text("Report"), text("A chart:"), PNG_PART)),
    ),
    RequestCase(
        id="document-pdf",
        why="failure mode 32: OpenAI reads PDF as a file part",
        request=ask(user(PDF, text("Sum it up"))),
        body=sent_to_openai(
            user({"type": "file", "file": {"filename": "document.pdf", "file_data": PDF_DATA}}, text("Sum it up"))
        ),
        traits=OPENAI,
    ),
    RequestCase(
        id="document-pdf-with-heading",
        why="the context of a PDF is as much to the model as that of a text",
        request=ask(user({**PDF, "title": "Report", "context": "Of Monday"})),
        body=sent_to_openai(
            user(
                text("Report"),
                text("Of Monday"),
                {"type": "file", "file": {"filename": "Report", "file_data": PDF_DATA}},
            )
        ),
        traits=OPENAI,
    ),
    RequestCase(
        id="document-pdf-unread",
        why="failure mode 32: never silently, or the model answers about a PDF that it never saw",
        request=ask(user({**PDF, "title": "Report"})),
        body=sent(
            user(text("Report"), text("[A document (application/pdf) stands here that this model cannot read.]"))
        ),
        dropped=("document",),
    ),
    RequestCase(
        id="document-of-another-type",
        why="failure mode 32: only PDF has a file part",
        request=ask(user(document({"type": "base64", "media_type": "text/csv", "data": "YQ=="}))),
        body=sent_to_openai(user("[A document (text/csv) stands here that this model cannot read.]")),
        dropped=("document",),
        traits=OPENAI,
    ),
    RequestCase(
        id="search-result",
        why="title, source and text, as one text",
        request=ask(
            user(
                {
                    "type": "search_result",
                    "title": "Weather",
                    "source": "https://weather.test",
                    "content": [text("Rain."), text("Wind.")],
                    "citations": {"enabled": True},
                }
            )
        ),
        body=sent(user("Weather\nSource: https://weather.test\n\nRain.\nWind.")),
        dropped=("citations",),
    ),
]

UNREACHABLE = "not supported by this gateway (a {} source; send it as base64)"

REFUSED = [
    RefusedCase(
        id="image-file",
        why="no other vendor has Anthropic's Files API",
        request=ask(user(text("Look"), {"type": "image", "source": {"type": "file", "file_id": "file_1"}})),
        message=f"messages.0.content.1.image.source: {UNREACHABLE.format('file')}",
    ),
    RefusedCase(
        id="image-file-in-a-document",
        why="found wherever it stands",
        request=ask(
            user(
                document(
                    {"type": "content", "content": [{"type": "image", "source": {"type": "file", "file_id": "f"}}]}
                )
            )
        ),
        message="messages.0.content.0.document.source.content.content.0.image.source: " + UNREACHABLE.format("file"),
    ),
    RefusedCase(
        id="document-file",
        why="as an image",
        request=ask(user(document({"type": "file", "file_id": "file_1"}))),
        message=f"messages.0.content.0.document.source: {UNREACHABLE.format('file')}",
    ),
    RefusedCase(
        id="document-url",
        why="failure mode 32: fetching it here would let callers reach what only the gateway can reach",
        request=ask(user(document({"type": "url", "url": "https://pictures.test/a.pdf"}))),
        message=f"messages.0.content.0.document.source: {UNREACHABLE.format('url')}",
    ),
    RefusedCase(
        id="document-url-in-a-result",
        why="found wherever it stands",
        request=ask(user(tool_result("toolu_1", [text("x"), document({"type": "url", "url": "https://x.test"})]))),
        message=f"messages.0.content.0.tool_result.content.1.document.source: {UNREACHABLE.format('url')}",
    ),
]
