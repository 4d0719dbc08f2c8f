"""The mutations, as data: what is switched off, where, and the tests that must notice.

A mutation replaces one short piece of one file, which must stand there just once. The tests are node ids of pytest, few
enough to be run for each mutation alone. Where code moves, its mutation moves with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TRANSLATOR = "layers/translator/translator"
GATEWAY = "layers/gateway/gateway"
RUNTIME = "layers/runtime/streaming"


@dataclass(frozen=True, slots=True)
class Mutation:
    """A behaviour, switched off."""

    id: str
    mode: int | None
    """The failure mode that it brings back, if it has a number."""
    file: str
    old: str
    new: str
    tests: Sequence[str]


def stream(identity: str, mode: int | None, module: str, old: str, new: str, *cases: str) -> Mutation:
    """What the vectors of streams notice."""
    tests = tuple(f"tests/vectors/test_streams.py::test_all_events[{case}]" for case in cases)
    return Mutation(identity, mode, f"{TRANSLATOR}/{module}.py", old, new, tests)


def request(identity: str, mode: int | None, module: str, old: str, new: str, *cases: str) -> Mutation:
    """What the vectors of requests notice."""
    tests = tuple(f"tests/vectors/test_requests.py::test_the_whole_body[{case}]" for case in cases)
    return Mutation(identity, mode, f"{TRANSLATOR}/{module}.py", old, new, tests)


def mistake(identity: str, mode: int | None, module: str, old: str, new: str, *cases: str) -> Mutation:
    """What the vectors of requests notice that are the caller's mistake."""
    tests = tuple(f"tests/vectors/test_requests.py::test_a_refusal[malformed-{case}]" for case in cases)
    return Mutation(identity, mode, f"{TRANSLATOR}/{module}.py", old, new, tests)


def refusal(identity: str, mode: int | None, module: str, old: str, new: str, *cases: str) -> Mutation:
    """What the vectors of upstreams' errors notice."""
    tests = tuple(f"tests/vectors/test_refusals.py::test_the_whole_error[{case}]" for case in cases)
    return Mutation(identity, mode, f"{TRANSLATOR}/{module}.py", old, new, tests)


def gateway(identity: str, mode: int | None, module: str, old: str, new: str, *tests: str) -> Mutation:
    """What the unit tests of the gateway notice."""
    return Mutation(identity, mode, f"{GATEWAY}/{module}.py", old, new, tuple(f"tests/unit/gateway/{x}" for x in tests))


def runtime(identity: str, mode: int | None, module: str, old: str, new: str, *tests: str) -> Mutation:
    """What the tests of the runtime notice."""
    return Mutation(identity, mode, f"{RUNTIME}/{module}.py", old, new, tuple(f"tests/{test}" for test in tests))


def template(identity: str, mode: int | None, old: str, new: str, *tests: str) -> Mutation:
    """What the tests of the template notice."""
    return Mutation(identity, mode, "template.yaml", old, new, tuple(f"tests/template/{test}" for test in tests))


STREAMS = (
    stream("message-starts-once", 8, "emitter", "self._phase = _Phase.STARTED", "pass", "text"),
    stream("indices-count", 8, "emitter", "self._index += 1", "self._index += 2", "text"),
    stream(
        "calls-wait-their-turn", 9, "emitter",
        "while self._waiting and not (isinstance(self._open, ToolUse) and not self._open.is_closed()):",
        "while self._waiting:",
        "calls-interleaved",
    ),
    stream(
        "thinking-is-signed", 23, "answer_blocks",
        'return {"type": "signature_delta", "signature": seal(None, self.details.whole)}', "return None",
        "reasoning-content",
    ),
    stream(
        "hidden-thinking-is-hidden", 22, "emitter",
        'return Thinking() if self._display == "shown" else SealedThinking()', "return Thinking()",
        "reasoning-omitted",
    ),
    stream(
        "the-end-of-file-is-no-end", 14, "emitter",
        'raise upstream_failure("the upstream closed the stream before the answer was complete")',
        'finish = _Finish("end_turn", None, None)',
        "end-of-file", "end-of-file-in-a-call",
    ),
    stream(
        "broken-arguments-are-an-error", 10, "emitter",
        'if finish.stop_reason not in CUT_SHORT:', "if False:",
        "call-broken",
    ),
    stream("the-input-is-estimated", 26, "emitter", "input_tokens=int(self._estimated_input_tokens), output_tokens=1",
           "input_tokens=0, output_tokens=1", "text"),
    stream("the-last-usage-counts", 26, "emitter", "self._usage = usage", "self._usage = self._usage or usage",
           "usage-in-every-chunk"),
    stream("groq-ends-streams-in-its-own-field", 13, "chat/errors",
           'if isinstance(groq, Mapping) and groq.get("error"):', "if False:", "error-of-groq"),
    stream("a-call-that-cannot-be-read-is-tried-again", 49, "chat/errors",
           "if reported is not None and _UNREADABLE.search(reported.code):", "if False:", "error-of-groq-call"),
    stream("cached-tokens-are-counted-once", 27, "chat/usage", "max(0, prompt - cached - written)", "prompt",
           "usage-cached"),
    stream("an-error-in-a-stream-is-one", 13, "chat/reader", "raise error\n", "pass\n",
           "error-first", "error-after-text"),
    stream("a-call-is-why-it-stopped", 11, "chat/reader", "elif self._emitter.has_tool_calls:", "elif False:",
           "call-finish-stop"),
    stream(
        "an-unknown-reason-is-an-error", 49, "chat/finish_reasons",
        "stop_reason = FINISH_REASONS.get(_kind(reason))",
        'stop_reason = FINISH_REASONS.get(_kind(reason), "end_turn")',
        "end-unknown",
    ),
    stream("a-filter-is-a-refusal", 49, "chat/finish_reasons",
           'FILTER: "refusal"', 'FILTER: "end_turn"',
           "end-content-filter"),
    stream("gemini-says-what-it-filters", 49, "chat/finish_reasons",
           'FILTER if reason.startswith(f"{FILTER}:") else reason', "reason",
           "end-filter-of-gemini"),
    stream("a-part-may-refuse", 49, "chat/deltas", 'yield "refusal", _words(part, "refusal")', "pass",
           "end-refusal-part"),
    stream("what-was-cut-stays-cut", 14, "chat/reader",
           "if delta.finish_reason and (self._finish_reason is None or is_natural(self._finish_reason)):",
           "if delta.finish_reason:",
           "end-length-then-stop", "end-unknown-then-stop"),
    stream("a-cut-after-the-end-is-none", 14, "chat/reader", "if self.is_ending:\n                return None", "",
           "end-then-cut-counts"),
    stream("no-count-is-no-zero", 26, "emitter",
           "if not usage.output_tokens and (self._characters or self._usage is None):", "if self._usage is None:",
           "usage-of-one-side", "usage-beyond-counting"),
    stream("usage-has-other-places", 26, "chat/usage",
           "for holder in (chunk, choice, of_groq):", "for holder in (chunk,):",
           "usage-of-a-choice", "usage-of-groq"),
    stream("a-choice-may-fail", 13, "chat/errors", 'if isinstance(holder, dict) and holder.get("error"):', "if False:",
           "error-of-a-choice", "error-of-a-delta"),
    stream("an-event-in-words-is-an-error", 13, "chat/errors",
           'return frame if is_error or isinstance(frame.get("message"), str) else None',
           "return frame if is_error else None",
           "error-in-words"),
    stream("a-message-repeats-its-deltas", 8, "chat/deltas",
           'return _object(choice, "message") if takes_message else {}', 'return _object(choice, "message")',
           "text-message-repeats"),
    stream("an-older-vllm-changes-its-ids", 9, "chat/tool_calls",
           "return not self._goes_on_in(fragment)", "return True",
           "call-of-an-older-vllm"),
    stream("the-first-choice-is-a-number", 13, "chat/deltas", 'if not _number(choice, "index")',
           'if not choice.get("index")',
           "text-of-a-choice-numbered-otherwise", "error-choice-number"),
    stream(
        "another-id-is-another-call", 9, "chat/tool_calls",
        "if fragment.upstream_id and self.upstream_id and fragment.upstream_id != self.upstream_id:", "if False:",
        "calls-all-index-0-without-arguments",
    ),
    stream(
        "without-an-index-the-last-call-goes-on", 9, "chat/tool_calls",
        "(self.calls[-1] if self.calls else None)", "None",
        "calls-without-index-in-fragments",
    ),
    stream("stop-sequences-are-found", 46, "stop_sequences", "if not self._sequences:", "if True:", "stop-inside"),
    stream("stop-sequences-are-held-back", 46, "stop_sequences",
           "keep = beginning_at_end(text, self._sequences)", "keep = 0", "stop-across-chunks"),
    Mutation(
        "a-family-has-its-own-vocabulary", 28, f"{TRANSLATOR}/token_families.py",
        '"deepseek": Basis("deepseek_v3")', '"deepseek": Basis("qwen_3")',
        ("tests/unit/tokens/test_tokens.py::test_a_familys_own_vocabulary_is_exact[deepseek-v3]",),
    ),
    Mutation(
        "what-gemma-does-not-know-is-taken-apart", 28, f"{GATEWAY}/vocabulary_table.py",
        "byte_fallback=True", "byte_fallback=False",
        ("tests/unit/tokens/test_vocabularies.py::test_gemma_takes_a_character_that_it_does_not_know_apart",),
    ),
    Mutation(
        "tools-count", 28, f"{TRANSLATOR}/estimate.py",
        "texts += [_tool_json(tool) for tool in tools if isinstance(tool, CustomTool)]", "",
        ("tests/unit/tokens/test_tokens.py::test_no_request_of_claude_codes_is_estimated_too_low[openai]",),
    ),
    Mutation(
        "a-signature-travels-in-the-id", 3, f"{TRANSLATOR}/tool_ids.py",
        'payload += _SEPARATOR + signature.encode("utf-8", "surrogatepass")', "pass",
        ("tests/unit/translator/test_tool_ids.py::test_golden",),
    ),
    stream("a-thought-may-be-open-already", 24, "chat/think_tags",
           "_Place.OPENED if self._is_supposed else _Place.ANSWER", "_Place.ANSWER", "think-tags-closing"),
    stream("a-thought-without-an-end-is-the-answer", 24, "chat/reader",
           'if FINISH_REASONS.get(self._finish_reason or "") == "end_turn" and not self._calls.calls:', "if False:",
           "think-tags-closing-never-hidden"),
    stream("a-field-for-reasoning-leaves-text-as-it-is", 24, "chat/reader",
           "events += self._tell_apart(self._answer_text.suppose_text()) + self._thinking(piece)",
           "events += self._thinking(piece)",
           "think-tags-closing-and-a-field"),
    stream("written-calls-are-held-back", 49, "chat/written_calls",
           "length = len(self._held) - beginning_at_end(self._held, DIALECTS)", "length = len(self._held)",
           "written-call"),
    stream("a-server-that-breaks-off-is-tried-again", 49, "chat/finish_reasons", "if reason in PASSING:", "if False:",
           "finish-out-of-resources"),
    stream("minimax-fails-with-status-200", 13, "chat/errors", "isinstance(code, int) and code:", "False:",
           "error-of-minimax"),
    Mutation("a-call-in-a-block-of-code-is-shown", 49, f"{TRANSLATOR}/chat/written_calls.py",
             "if self._is_in_code():", "if False:",
             ("tests/unit/translator/test_written_calls.py::test_what_is_no_call_is_text_to_the_letter",)),
    stream("a-call-is-made-once", 49, "chat/reader", "if not self._calls.has(call.name, call.arguments)]", "]",
           "written-call-and-sent"),
    stream("what-was-not-offered-is-text", 49, "chat/call_dialects",
           "if name not in schemas:\n        raise NoCallError", "if name not in schemas:\n        return {}",
           "written-call-of-another-tool"),
    stream("a-schema-tells-numbers", 49, "chat/call_dialects", "return value if _TYPES[type(value)] & types else text",
           "return text", "written-calls-of-qwen-coder"),
    stream("reasoning-has-two-names", 24, "chat/deltas", ' or _words(delta, "reasoning")', "",
           "reasoning"),
)  # fmt: skip

REQUESTS = (
    request("attribution-is-left-out", 16, "chat/messages", " if not block.text.startswith(ATTRIBUTION)", "",
            "system-billing-block"),
    request("a-prefill-is-marked", None, "chat/request", 'messages[-1]["prefix"] = True', "pass", "prefill-prefix"),
    request("a-prefill-is-gone-on-with", None, "chat/request",
            '"continue_final_message": True', '"continue_final_message": False', "prefill-continued"),
    request("groq-parts-thought-from-text", 24, "chat/request",
            '"reasoning_format": "parsed"', '"reasoning_format": "raw"', "groq-on"),
    request("a-budget-leaves-room-for-the-answer", 19, "chat/request",
            "budget if leaves_room else None", "budget", "openrouter-budget-without-room-in-the-window"),
    request("a-tool-without-a-name-is-offered-alone", 48, "chat/tools",
            'if function["function"]["name"] == shorten(name)]', "]", "choice-tool-lm-studio"),
    request("a-switch-goes-off", 25, "chat/request", '{"enabled": is_on}', '{"enabled": True}', "together-off"),
    request("a-template-is-told-not-to-think", 25, "chat/request",
            '"enable_thinking": is_on, "thinking": is_on}', '"enable_thinking": True, "thinking": True}',
            "template-off"),
    request("groq-thinks-by-default", 25, "chat/request", '"default" if is_on else "none"', '"none"', "groq-on"),
    request("a-cache-has-breakpoints", 38, "chat/content", '{"mode": "explicit", **lasts}', '{"mode": "explicit"}',
            "cache-breakpoints"),
    request("a-tool-message-has-no-breakpoint", 38, "chat/content",
            ' if not isinstance(block, ToolResultBlock):', ":", "cache-breakpoint-of-a-result"),
    request("system-messages-are-folded", 1, "chat/messages", 'elif self._traits.mid_system == "keep":', "elif True:",
            "mid-system-folded", "mid-system-between-call-and-result"),
    request("every-call-is-answered", 20, "chat/messages", "content: str | list[Part] = NO_RESULT", "continue",
            "result-missing"),
    request("results-without-a-call-are-kept", 20, "chat/messages",
            "orphans = {id(result) for left in results.values() for result in left}", "orphans = set()",
            "result-orphan"),
    request("errors-of-tools-are-told", 44, "chat/messages", "if result.is_error and", "if False and", "result-error"),
    request("images-of-results-follow", 30, "chat/messages", "attachments.append(part)", "pass", "result-image"),
    request("signatures-go-back", 3, "chat/messages",
            "if self._traits.thought_signature and (signature or is_first):", "if False:",
            "signature-restored", "signature-missing"),
    request("reasoning-goes-back", 4, "chat/messages", "self._echo_reasoning(message, blocks)", "pass",
            "reasoning-echoed"),
    request("foreign-signatures-are-foreign", 22, "signatures", "if not signature.startswith(PREFIX):", "if False:",
            "reasoning-of-others"),
    request("ids-name-one-call", 21, "chat/tool_call_ids", "self._taken.add(name)", "pass", "id-that-repeats"),
    request("empty-text-is-left-out", 45, "chat/content",
            "return [text_part(block.text)] if block.text.strip() else []", "return [text_part(block.text)]",
            "blank-text-dropped"),
    request("a-blind-model-gets-a-note", 31, "chat/content", "if not self._traits.images:", "if False:",
            "image-for-a-blind-model"),
    request("unread-documents-are-named", 32, "chat/content", 'self.dropped.append("document")', "pass",
            "document-pdf-unread"),
    request("long-names-are-shortened", 33, "tool_names",
            "if len(name) <= MAX_LENGTH and not _FORBIDDEN.search(name):", "if True:",
            "name-too-long"),
    request("deferred-tools-wait", 34, "chat/tools", "isinstance(tool, CustomTool) and tool.defer_loading", "False",
            "deferred-unloaded"),
    request("parallel-calls-can-be-forbidden", 48, "chat/tools", 'fields["parallel_tool_calls"] = False', "pass",
            "serial-auto"),
    request("an-answer-has-its-least-size", 18, "chat/request",
            "limit = max(max_tokens, traits.min_output_tokens)", "limit = max_tokens",
            "max-tokens-floor"),
    request("an-answer-has-its-greatest-size", 19, "chat/request", "min(limit, traits.max_output_tokens)", "limit",
            "max-tokens-ceiling"),
    request("what-is-lost-is-named", 35, "chat/request",
            'name not in traits.fields and value != "auto"', "False",
            "sampling-of-a-reasoner"),
    request("the-nearest-effort-is-sent", 25, "chat/effort",
            "return below[-1] if below else next(iter(above), None)", "return asked",
            "effort-max-to-high"),
    request("tools-go-without-effort", 2, "chat/request",
            'if with_tools and traits.reasoning_with_tools == "none":', "if False:",
            "with-tools-none"),
    request("a-schema-is-sent", 47, "chat/request", 'if traits.structured_output == "json_schema":', "if False:",
            "schema-strict"),
    request("unknown-fields-are-no-error", 5, "anthropic/shape", 'extra="ignore"', 'extra="forbid"', "ignored"),
    request("a-conversation-stays-cached", 38, "chat/request",
            '"prompt_cache_key": caller.session', '"prompt_cache_key": None',
            "pseudonyms"),
    request("tools-of-anthropics-are-named", 29, "chat/tools", 'dropped.append(f"tools.{tool.type}")', "pass",
            "server-web_fetch_20250910"),
    request("usage-is-asked-for", 26, "chat/request", '{"include_usage": True}', "None", "least"),
    request("google-gets-its-own-schemas", 6, "chat/tool_schemas",
            "return google_schema(parameters) if parameters[\"properties\"] else None", "return parameters",
            "google-const"),
    Mutation(
        "ids-are-unique", 21, f"{TRANSLATOR}/tool_ids.py",
        '''salt = sha256(f"{message_id}/{position}".encode()).digest()[:_SALT_BYTES]''', "salt = bytes(_SALT_BYTES)",
        ("tests/properties/test_names_and_ids.py::test_an_id_that_repeats_is_never_ours_twice",),
    ),
    Mutation(
        "what-cannot-be-ignored-is-refused", None, f"{TRANSLATOR}/anthropic/request.py",
        "if prompt.mcp_servers:", "if False:",
        ("tests/vectors/test_requests.py::test_a_refusal[refused-mcp_servers]",
         "tests/unit/gateway/test_count_tokens.py::test_a_mistake_is_named"),
    ),
    mistake("blank-stop-sequences-are-refused", 46, "anthropic/request", "sequence.strip() for", "sequence for",
            "stop-blank"),
    mistake("any-needs-tools", None, "anthropic/request", "case AnyToolChoice() if not tools:",
            "case AnyToolChoice() if False:", "choice-any-without-tools"),
    mistake("a-choice-names-a-tool", None, "anthropic/request", "case NamedToolChoice(name=name) if name not in",
            "case NamedToolChoice(name=name) if False and name not in", "choice-of-an-unknown-tool"),
    Mutation("functions-have-names-of-their-own", None, f"{TRANSLATOR}/chat/tools.py",
             "if len(names) < len(functions):", "if False:",
             ("tests/vectors/test_requests.py::test_a_refusal[typed-without-a-name-alike]",)),
    mistake("prose-is-not-quoted", 50, "anthropic/validation", 'return name if _TOOL_NAME.fullmatch(name) else "…"',
            "return name", "choice-of-prose"),
    mistake("no-file-is-asked-for", 50, "anthropic/sources", "if _ADDRESS.match(url):", "if True:", "image-of-a-file"),
    request("a-call-of-a-users-is-told-whole", None, "chat/messages",
            'f"[call of the tool {block.name}] {arguments}"', 'f"[call of the tool {block.name}]"',
            "user-holds-what-only-assistants-send"),
    request("what-a-user-cannot-send-is-named", None, "chat/messages",
            "return not isinstance(block, ASSISTANTS_OWN_BLOCKS)", "return True",
            "user-holds-what-only-assistants-send"),
    request("a-beginning-ends-in-no-whitespace", 45, "chat/messages", '["content"].rstrip()', '["content"]',
            "prefill-with-whitespace"),
    request("markers-hold-what-is-known", 5, "chat/content", "marker.model_dump(exclude_none=True)",
            '{**marker.model_dump(exclude_none=True), "scope": "global"}', "cache-scope"),
    request("a-wish-for-a-whole-picture-is-named", None, "chat/content",
            'self.dropped.append("image.transformations")', "pass", "image-never-scaled"),
    request("the-first-editor-can-undo", None, "chat/client_tools", "EARLIER_TOOLS.get(kind) or ", "",
            "typed-text_editor_20250124"),
    request("an-effort-needs-no-content", 1, "anthropic/request", '{**message, "content": []} if is_enough else', "",
            "effort-of-a-message"),
    request("tools-change-among-instructions", None, "chat/tools", "yield from _changes(content)", "yield from ()",
            "deferred-added-among-instructions"),
    request("every-lost-wish-is-named", 4, "chat/request", '"output_config.effort": explicit_effort(request)}', "}",
            "off-is-impossible-whatever-the-effort"),
    Mutation(
        "a-change-of-models-is-no-text", None, f"{TRANSLATOR}/chat/messages.py",
        "ASSISTANT_BLOCKS = (TextBlock, OpaqueBlock, FallbackBlock,", "ASSISTANT_BLOCKS = (TextBlock, OpaqueBlock,",
        ("tests/vectors/test_official.py::test_a_block[fallback]",),
    ),
    Mutation(
        "cut-lines-are-joined", 43, f"{TRANSLATOR}/server_sent_events.py",
        "buffer = self._tail + received if self._tail else received", "buffer = received",
        ("tests/properties/test_framing.py::test_every_single_cut_is_invisible",),
    ),
)  # fmt: skip

REFUSALS = (
    refusal("an-overflow-is-told-so", 7, "chat/errors", "if reported is not None and reported.overflow is not None:",
            "if False:", "too-long-openai", "too-long-gemini"),
    refusal("only-the-answer-would-not-fit", 7, "chat/errors",
            "if completion and limit and prompt < limit:", "if False:",
            "answer-too-long-openai"),
    refusal("a-limit-per-minute-leaves-room-for-less", 19, "chat/errors", "if overflow.total is not None:", "if False:",
            "answer-too-long-groq"),
    refusal("an-error-keeps-its-status", 15, "chat/errors", '429: "rate_limit_error"', '429: "api_error"',
            "status-429"),
    refusal("our-bad-key-is-ours", 15, "chat/errors", "OUR_ACCOUNT = frozenset({401, 402, 403})",
            "OUR_ACCOUNT = frozenset({402})", "account-401"),
    refusal("an-empty-account-is-no-throttle", 36, "chat/errors", "quota|balance|", "quota|",
            "account-balance"),
    refusal("a-wait-is-passed-on", 36, "chat/errors", "if status not in (429, 503, 529):", "if True:",
            "limited-seconds"),
    refusal("errors-hold-no-secret", 50, "chat/errors", 'return _SECRET.sub("[removed]", message)', "return message",
            "clean-openai-key", "clean-address"),
    gateway("no-error-repeats-our-key", 50, "providers", 'return words.replace(key, "[removed]")', "return words",
            "test_messages.py::test_no_error_repeats_the_key_that_was_sent_with_the_request"),
    Mutation(
        "one-prompt-teaches-no-limit", 19, f"{TRANSLATOR}/chat/errors.py",
        "is_of_one_caller = is_of_one_prompt or", "is_of_one_caller =",
        ("tests/vectors/test_refusals.py::test_the_room_that_one_prompt_leaves_is_no_limit_of_the_model",),
    ),
)  # fmt: skip

GATEWAYS = (
    gateway("a-revoked-key-is-refused", 50, "authentication", 'if record.status == "revoked":', "if False:",
            "test_authentication.py::test_a_revocation_takes_effect_when_the_memory_ends"),
    gateway("an-expired-key-is-refused", 50, "authentication", "record.expires <= self._clock()", "False",
            "test_authentication.py::test_a_key_expires_to_the_second_although_it_is_remembered"),
    gateway("one-good-key-of-two-is-enough", 42, "authentication", "refusal = refusal or error", "raise",
            "test_authentication.py::test_one_valid_key_in_either_header_is_enough"),
    gateway("keys-are-stored-as-hashes", 50, "keys",
            'return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()', "return key",
            "test_keys.py::test_a_key_is_stored_as_its_sha_256"),
    gateway("the-next-candidate-is-asked", 15, "exchange", "if is_over or error.fault is not Fault.UPSTREAM:",
            "if True:", "test_fallback.py::test_a_fault_of_the_upstream_leads_to_the_next_candidate"),
    gateway("a-fault-of-the-caller-is-told-at-once", 15, "exchange",
            "if is_over or error.fault is not Fault.UPSTREAM:", "if is_over:",
            "test_fallback.py::test_a_fault_of_the_caller_is_told_at_once"),
    gateway("the-head-names-who-answers", None, "exchange",
            "if self._pending and self._is_last and", "if self._pending and",
            "test_fallback.py::test_a_stream_waits_for_content_while_another_candidate_could_still_answer"),
    gateway("nothing-of-a-failed-answer-shows", 13, "exchange",
            'if any(event["type"] == "content_block_start" for event in self._pending):', "if self._pending:",
            "test_fallback.py::test_a_fault_of_the_upstream_leads_to_the_next_candidate"),
    gateway("an-answer-fits-beside-its-prompt", 19, "question",
            "fitting = fit_into_window(traits, asked.request.max_tokens, asked.input_tokens)", "fitting = traits",
            "test_context_window.py::test_the_limit_is_lowered_to_what_is_left_and_that_is_told"),
    Mutation("an-estimate-leaves-an-answer-its-least", 19, f"{TRANSLATOR}/context_window.py",
             "max(LEAST_ANSWER, traits.context_window - int(prompt))", "traits.context_window - int(prompt)",
             ("tests/unit/gateway/test_context_window.py::test_an_estimate_refuses_nobody",)),
    Mutation("nothing-is-counted-in-vain", 19, f"{TRANSLATOR}/context_window.py",
             "if traits.context_window is None or prompt.guessed_most + asked <= traits.context_window:",
             "if traits.context_window is None:",
             ("tests/unit/translator/test_context_window.py::test_nothing_is_counted_where_it_cannot_matter",)),
    gateway("what-was-used-is-settled", 40, "exchange", "begun.reservation.settle(usage)", "pass",
            "test_endings.py::test_the_caller_hangs_up"),
    gateway("an-upstream-that-goes-on-is-cut", 40, "exchange",
            "drain=begun.reader.is_done and not begun.reader.is_cut", "drain=True",
            "test_endings.py::test_an_upstream_is_drained_where_it_has_ended_and_cut_where_we_stopped_it"),
    gateway("silence-is-broken-by-pings", 12, "answers", "keepalive=(ping_seconds, _PING)", "keepalive=None",
            "test_messages.py::test_the_runtime_is_told_to_break_silence"),
    gateway("an-answer-is-a-stream-only-on-demand", 39, "messages", "if request.stream:\n            return streamed",
            "if request.stream is not False:\n            return streamed",
            "test_messages.py::test_an_answer_is_a_stream_only_where_stream_is_true"),
    gateway("the-invocation-has-an-end", 12, "messages",
            "min(self._services.deadlines.total, seconds_left - MARGIN_SECONDS)", "self._services.deadlines.total",
            "test_message_time.py::test_an_upstream_has_the_time_that_the_invocation_has_left"),
    gateway("a-whole-answer-has-an-end", 39, "messages",
            "total = min(total, self._services.whole_answer_seconds)", "pass",
            "test_message_time.py::test_an_upstream_has_the_time_that_the_invocation_has_left"),
    gateway("beta-has-its-own-fields", 41, "http", 'self.query.get("beta") == "true" or ', "",
            "test_models.py::test_beta_tells_it_of_every_model_in_the_list",
            "test_count_tokens.py::test_beta_says_too_that_no_context_was_edited"),
    gateway("half-a-character-is-replaced", 43, "http", "if _may_hold_half_a_character(text):", "if False:",
            "test_http.py::test_half_a_character_is_replaced"),
    gateway("a-cut-list-says-so", None, "headers", "is_cut=len(lost) > _MAX_LENGTH", "is_cut=False",
            "test_headers.py::test_what_was_lost"),
    gateway("beta-has-messages-of-its-own", None, "messages", "BetaEmitter if http.is_beta else Emitter", "Emitter",
            "test_messages.py::test_beta_has_answers_of_its_own"),
    gateway("beta-tells-what-may-stand-in", 41, "model_info", '"allowed_fallback_models": [], ', "",
            "test_models.py::test_beta_tells_of_the_features_that_only_beta_has"),
    Mutation("a-port-is-one", None, f"{GATEWAY}/providers.py", "_ = parts.port  # raises where it is none", "pass",
             ("tests/unit/catalogue/test_providers.py::test_a_wrong_address_is_named_by_its_variable_and_not_repeated",)),
    gateway("a-name-in-the-log-is-short", 50, "messages", "request.model[:LONGEST_ID]", "request.model",
            "test_message_log.py::test_a_model_name_of_any_length_is_logged_in_part"),
    Mutation("users-have-pseudonyms", 48, f"{GATEWAY}/callers.py",
             r'''sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:_PSEUDONYM_LENGTH]''',
             '"/".join(parts)',
             ("tests/integration/gateway/test_secrets.py::test_upstreams_know_users_by_pseudonyms_only",)),
    Mutation("the-long-window-is-the-same-model", 41, f"{GATEWAY}/routing.py", '_LONG_CONTEXT.sub("", asked)', "asked",
             ("tests/unit/catalogue/test_routing.py::test_candidates",)),
    Mutation("a-lost-thread-is-told-as-one", None, f"{TRANSLATOR}/anthropic/request.py",
             ', error_code="thread_not_found"', "",
             ("tests/vectors/test_requests.py::test_a_thread_that_is_not_kept_is_told_in_the_sdks_terms",)),
    gateway("a-web-page-is-no-answer", 13, "upstream", 'if "html" in content_type:', "if False:",
            "test_upstream_answers.py::test_what_is_no_answer_is_an_error_of_the_upstream"),
    gateway("exceptions-are-logged-without-their-text", 50, "failures", '"error": type(error).__name__',
            '"error": repr(error)', "test_http.py::test_what_nobody_expected_is_told_to_nobody"),
    Mutation("a-write-meets-itself", 37, f"{GATEWAY}/dynamodb_store.py",
             'if found.get("Item", {}).get("mark") != encode_all({"mark": own["mark"]})["mark"]:', "if True:",
             ("tests/unit/gateway/test_store.py::test_a_write_that_is_sent_again_does_not_conflict_with_itself",)),
    Mutation("an-equal-write-is-anothers", 37, f"{GATEWAY}/dynamodb_store.py",
             'if found.get("Item", {}).get("mark") != encode_all({"mark": own["mark"]})["mark"]:', "if False:",
             ("tests/unit/gateway/test_store.py::test_an_equal_write_of_another_is_a_conflict",)),
    gateway("an-answer-that-goes-on-has-not-ended", 14, "deadlines",
            "self._ends = min(self._latest, self._monotonic() + seconds)",
            "self._ends = min(self._ends, self._monotonic() + seconds)",
            "test_deadlines.py::test_a_model_that_says_with_every_piece_that_it_has_stopped_is_heard_to_its_end"),
    Mutation("a-broken-answer-is-logged-as-one", 13, "edgeway/local/request_lines.py",
             '"the answer broke off" if access.broke_off else ""', '""',
             ("tests/unit/local/test_request_lines.py::test_a_request_without_a_summary_has_a_plain_line",)),
    Mutation("no-address-of-a-cloud-is-asked", 50, f"{GATEWAY}/addresses.py", "and not address.is_link_local", "",
             ("tests/unit/catalogue/test_addresses.py::test_http_never_over_a_public_network_or_to_a_clouds_own_address",)),
    gateway("aws-region-is-read", None, "aws_client", '("AWS_REGION", "AWS_DEFAULT_REGION")', '("AWS_DEFAULT_REGION",)',
            "test_boto3_client.py::test_the_region"),
    gateway("an-empty-variable-names-no-region", None, "boto3_client",
            "for name in REGION_VARIABLES if os.environ.get(name)", "for name in REGION_VARIABLES",
            "test_boto3_client.py::test_the_region"),
    gateway("a-profile-is-asked-once", None, "boto3_client", "@cache", "",
            "test_boto3_client.py::test_a_profile_is_asked_for_its_credentials_once"),
    Mutation("no-variable-hides-a-profiles-region", None, "edgeway/local/settings.py",
             "return region_in(self.operator)", 'return region_in(self.operator) or "us-east-1"',
             ("tests/unit/local/test_settings.py::test_the_region_is_the_operators",)),
)  # fmt: skip

RUNTIMES = (
    runtime("the-prelude-has-an-end", None, "answer", "_json(metadata) + DELIMITER", "_json(metadata)",
            "integration/runtime/test_streamed_answers.py::test_a_proxy_answer_is_streamed_as_well"),
    runtime("a-prelude-has-a-limit", None, "answer", "if len(encoded) > PRELUDE_LIMIT:", "if False:",
            "integration/runtime/test_streamed_answers.py::test_too_large_a_prelude_is_an_error_before_the_first_byte"),
    runtime("a-failure-ends-in-trailers", 13, "stream", r'b"0\r\n%b\r\n" % failure.as_trailers()', r'b"0\r\n\r\n"',
            "integration/runtime/test_streamed_answers.py::"
            "test_an_exception_of_the_body_ends_it_with_error_trailers"),
    runtime("an-empty-piece-ends-nothing", None, "stream", "if not piece:", "if False:",
            "unit/runtime/test_stream.py::test_nothing_is_sent_for_an_empty_piece"),
    runtime("a-ping-waits-for-silence", 12, "stream", "if monotonic() >= self._written + seconds:", "if True:",
            "unit/runtime/test_stream.py::test_a_keepalive_is_sent_only_after_silence"),
    runtime("nothing-follows-half-a-chunk", 8, "stream",
            "nothing can follow that.\n        self._intact = False", "nothing can follow that.",
            "unit/runtime/test_stream.py::test_nothing_follows_half_a_chunk"),
    Mutation("a-refusal-is-not-tried-again", 15, "edgeway/local/answers.py",
             "if failure.status < HTTPStatus.INTERNAL_SERVER_ERROR:", "if False:",
             ("tests/unit/local/test_answers.py::test_a_refusal_says_whether_to_try_again_as_api_gateways_do",)),
    runtime("exceptions-are-reported-without-their-text", 50, "failure", '"errorMessage": WITHHELD',
            '"errorMessage": str(error)',
            "integration/runtime/test_whole_answers.py::test_an_exception_is_reported_without_what_it_says"),
)  # fmt: skip

TEMPLATES = (
    template("api-gateway-streams", 12, "Path: /v1/messages, Method: post, ResponseTransferMode: RESPONSE_STREAM",
             "Path: /v1/messages, Method: post, ResponseTransferMode: BUFFERED",
             "test_routes.py::test_every_path_of_the_messages_function_streams_for_a_quarter_of_an_hour"),
    template("the-endpoint-is-regional", 12, "{Type: REGIONAL}", "{Type: EDGE}",
             "test_routes.py::test_the_endpoint_is_regional"),
    template("api-gateway-logs-no-prompt", 50, "DataTraceEnabled: false", "DataTraceEnabled: true",
             "test_routes.py::test_the_stage_writes_no_prompt_into_a_log"),
    template("every-request-is-authorized", 50, "{ReauthorizeEvery: 0}", "{ReauthorizeEvery: 300}",
             "test_routes.py::test_the_authorizer_sees_every_request_and_nothing_is_cached"),
    template("a-413-has-anthropics-shape", 17, '"type":"request_too_large"', '"type":"invalid_request_error"',
             "test_gateway_responses.py::test_an_answer_of_api_gateway_is_an_error_of_anthropic"),
    template("the-stage-waits-for-the-right-to-log", None, "!Ref ApiGatewayAccount, given]", "given, given]",
             "test_creation.py::test_a_stage_waits_for_the_right_to_log_and_that_for_an_api"),
    template("the-right-to-log-waits-for-an-api", None, "    DependsOn: Api  #", "    #",
             "test_creation.py::test_a_stage_waits_for_the_right_to_log_and_that_for_an_api"),
    template("no-api-waits-for-what-may-not-be-there", None, "Type: AWS::Serverless::Api\n",
             "Type: AWS::Serverless::Api\n    DependsOn: WebAcl\n",
             "test_creation.py::test_whatever_a_resource_or_an_output_needs_is_there"),
    template("metrics-are-of-the-outer-stack", None, "Service: !Ref AWS::StackName\n        MessagesFunction",
             "Service: edgeway\n        MessagesFunction",
             "test_creation.py::test_a_nested_stack_is_given_what_it_asks_for"),
    Mutation("the-firewall-refuses-no-prompt", None, "stacks/firewall.yaml",
             "{Name: GenericLFI_BODY, ActionToUse: {Count: {}}}", "{Name: GenericLFI_BODY, ActionToUse: {Block: {}}}",
             ("tests/template/test_edge.py::test_the_firewall_refuses_no_prompt",)),
)  # fmt: skip

MUTATIONS = (*STREAMS, *REQUESTS, *REFUSALS, *GATEWAYS, *RUNTIMES, *TEMPLATES)
BY_ID: Mapping[str, Mutation] = {mutation.id: mutation for mutation in MUTATIONS}
