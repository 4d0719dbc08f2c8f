"""Recognises refusals about the operator's own account: no credit, in arrears, or a key that is not valid.

It alarms the operator, so that only the upstream's own words count, never those of the caller that it repeats.
"""

import re

from translator.caller_words import CallerWords

_CODES = re.compile(
    r"insufficient_?(?:quota|balance|credits?|funds)|billing_?(?:hard_limit|not_active)|arrearage"
    r"|overdue_?(?:error|balance|payment)"
    r"|account_?overdue|exceeded_?current_?quota|payment_?required|account_?(?:suspended|deactivated|disabled)"
    r"|credits?_?(?:exhausted|depleted)"
    r"|(?<!\d)1113(?!\d)|not_?enough_?(?:credits?|balance|money)"
)
_MONEY = re.compile(
    r"insufficient[_ ](?:\w+[_ ]){0,2}(?:quota|balance|credits?|funds)|billing_(?:hard_limit|not_active)"
    r"|billing (?:is|has been) (?:not active|disabled)"
    r"|(?:balance|credits?) (?:is |are |has |have )?(?:been )?(?:too low|insufficient|not enough|exhausted"
    r"|depleted|used up|negative|empty)"
    r"|(?:out of|no (?:more|remaining|available)|not enough|lacks?|run out of|requires? more"
    r"|exhausted (?:\w+ ){0,3}) ?(?:credits?|funds|balance)\b"
    r"|(?:account|organi[sz]ation|project|team) (?:is |has been |was )?"
    r"(?:not |currently |temporarily )*(?:suspended|deactivated|disabled|overdue"
    r"|in arrears|in debt|frozen)"
    r"|account is (?:not )?in (?:good standing|arrears)|overdue (?:balance|payment|bill|invoice)|arrearage"
    r"|payment (?:is )?(?:required|overdue)"
    r"|(?:purchase|buy|add) (?:more )?(?:credits|funds)|\bnon-?payment\b"
    r"|\btrial (?:period )?(?:has |is )?(?:expired|ended|over)\b"
    r"|(?:reached|exceeded|hit) (?:your|the) spend\w* (?:cap|limit)"
    r"|top[ -]?up your|recharge your|(?:spend(?:ing)?"
    r"|usage) limit (?:reached|exceeded)|subscription (?:has )?(?:expired|ended)"
    r"|余额不足|欠费|余额已用|账户余额|账户已停|账号已停|资源包已用|无可用资源包|请充值|请及时充值|額度已用完|残高不足"
    r"|잔액|잔고|saldo insuficiente|solde insuffisant"
)
_QUOTA = re.compile(r"exceeded[_ ](?:your[_ ])?current[_ ]quota")
"""Gemini says so also of a quota per minute, and then when to come back."""
_BAD_KEY = re.compile(
    r"(?:api[ _]?key|invalid api[ _]?key|incorrect api[ _]?key)(?: \w+){0,3}? ?(?:not valid|expired|invalid"
    r"|provided|revoked)"
)
"""Gemini's words, with status 400. At the beginning only: an error may quote what the caller wrote."""


def is_about_our_account(code: str, message: str, caller_words: CallerWords, *, has_wait: bool) -> bool:
    """Tell whether the upstream says, in its own words, that the account can no longer be used."""
    said = f"{code}\n{message}"
    if not caller_words.are_known or not _speaks_of_it(said, has_wait=has_wait):
        return False
    return _speaks_of_it(caller_words.taken_out_of(said).without_doubt, has_wait=has_wait)


def _speaks_of_it(said: str, *, has_wait: bool) -> bool:
    code, _, message = said.lower().partition("\n")
    if _CODES.search(code) or _MONEY.search(message) or _BAD_KEY.match(message):
        return True
    return not has_wait and _QUOTA.search(message) is not None
