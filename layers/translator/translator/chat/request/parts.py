"""Writes the parts of content in the words of chat completions."""

from translator.prompt.content import Part


class ChatParts:
    """A message's parts. Those of a tool's message hold no mark of OpenAI's cache."""

    marks_tool_results = False

    def text(self, text: str) -> Part:
        """A text."""
        return text_part(text)

    def image(self, url: str) -> Part:
        """A picture, at an address or as a data URL."""
        return {"type": "image_url", "image_url": {"url": url}}

    def file(self, filename: str, data_url: str) -> Part:
        """A PDF document."""
        return {"type": "file", "file": {"filename": filename, "file_data": data_url}}


def text_part(text: str) -> Part:
    """A text part."""
    return {"type": "text", "text": text}


def with_text(content: str | list[Part], text: str) -> str | list[Part]:
    """The content with another paragraph."""
    return f"{content}\n\n{text}" if isinstance(content, str) else [*content, text_part(text)]
