"""Turns Anthropic's thinking and effort into `reasoning_effort`.

Thresholds of budgets are a judgement: 31 999 is what Claude Code sends for its greatest effort, 4 000 for its least.
"""

from translator.anthropic.request import (
    AdaptiveThinking,
    BetweenToolsThinking,
    DisabledThinking,
    MessagesRequest,
)
from translator.traits import EFFORTS, Effort

LOW_BUDGET = 4_000
HIGH_BUDGET = 16_000


def asked_effort(request: MessagesRequest, *, is_claude_code: bool) -> Effort | None:
    """What the caller asks for: `none` switches reasoning off, None leaves it to the model.

    Claude Code sends an effort without `thinking` in its side requests and does not mean it.
    """
    explicit = explicit_effort(request)
    match request.thinking:
        case None:
            return "none" if is_claude_code else explicit
        case DisabledThinking() | BetweenToolsThinking():
            return "none"
        case AdaptiveThinking():
            return explicit or "medium"
        case enabled:
            return explicit or _effort_of_budget(enabled.budget_tokens)


def nearest_effort(asked: Effort, supported: tuple[Effort, ...]) -> Effort | None:
    """The supported effort nearest below, else the least; None where the model cannot be told to switch off."""
    if not supported:
        return None
    if asked == "none":
        return next((effort for effort in ("none", "minimal") if effort in supported), None)
    below = [effort for effort in supported if effort != "none" and EFFORTS.index(effort) <= EFFORTS.index(asked)]
    above = [effort for effort in supported if effort != "none"]
    return below[-1] if below else next(iter(above), None)


def explicit_effort(request: MessagesRequest) -> Effort | None:
    """The last word counts: of a message in the conversation, else of the request."""
    for message in reversed(request.messages):
        if message.output_config and message.output_config.effort:
            return message.output_config.effort
    return request.output_config.effort if request.output_config else None


def _effort_of_budget(budget: int | None) -> Effort:
    if budget is None or LOW_BUDGET <= budget < HIGH_BUDGET:
        return "medium"
    return "low" if budget < LOW_BUDGET else "high"
