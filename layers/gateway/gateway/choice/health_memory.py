"""Orders candidates by health, and shares health with other environments through the store.

The store is read in the background, at most every `READ_SECONDS`, and only where there is a choice; it is written
when a circuit opens or closes. No request waits for it, and where it fails requests go on without it.
"""

from collections.abc import Callable, Mapping, Sequence

from gateway.choice.cache_holders import CacheHolders
from gateway.choice.circuit import Circuit
from gateway.choice.first_contents import FirstContents, RouteHedge
from gateway.choice.health import Health
from gateway.choice.health_table import HealthTable
from gateway.choice.key_pools import with_keys
from gateway.choice.places import RULES, Place, is_hopeless
from gateway.choice.retry_budget import RetryBudgets
from gateway.routing.resolve import Candidate
from gateway.settings import Settings
from gateway.storage.open import open_store, opened_once
from gateway.web.failures import beside_the_answer, never_failing
from gateway.web.outcomes import Outcome
from gateway.web.summary import Log, Summary
from gateway.web.uninterrupted import in_background

READ_SECONDS = 10.0
MOST_SHARED = 64
"""Open circuits of one provider. A caller may name any model of it: what is beyond stays in this environment."""
MOST_ASKED = 4
"""Candidates that one request asks, each key for one."""


class HealthMemory:
    """Remembers the outcomes of attempts. `clock` gives seconds since the epoch."""

    def __init__(self, open_table: Callable[[], HealthTable], *, clock: Callable[[], float], log: Log) -> None:
        self.health = Health()
        self._table = opened_once(open_table)
        self._clock = clock
        self._log = never_failing(log)
        self._budgets = RetryBudgets()
        self._holders = CacheHolders()
        self._contents = FirstContents()
        self._turn = 0
        self._read_at: dict[str, float] = {}
        self._unwritten: dict[Place, Circuit] = {}

    def order(self, candidates: Sequence[Candidate], session: str | None, key_id: str = "") -> Sequence[Candidate]:
        """Return the candidates to ask, one for each of a provider's keys. Those that are set aside are left out.

        Where all are set aside, the one is asked whose pause ends first: no caller is refused for that reason.
        """
        now = self._clock()
        self._budgets.request(key_id, now)
        self._turn += 1
        each_key = with_keys(candidates, session, self._turn)
        if len(each_key) < 2:
            return each_key
        for provider in {candidate.provider.id for candidate in each_key}:
            self._refresh(provider, now)
        if not self.health.circuits:
            return each_key[:MOST_ASKED]
        standings = [self.health.standing(candidate, now) for candidate in each_key]
        fit = [candidate for candidate, standing in zip(each_key, standings, strict=True) if standing.state != "open"]
        soonest = min(range(len(each_key)), key=lambda position: standings[position].until)
        return fit[:MOST_ASKED] or [each_key[soonest]]

    def may_ask(self, candidate: Candidate) -> bool:
        """Tell whether the candidate may be asked while others are left.

        If it is half-open, this request becomes its probe.
        """
        return self.health.probe(candidate, self._clock())

    def holder(self, session: str | None) -> str | None:
        """The name of the candidate that holds the session's prompt cache, if one does."""
        return self._holders.holder(session, self._clock())

    def ended(
        self,
        candidate: Candidate,
        outcome: Outcome,
        key_id: str,
        retry_after: int | None = None,
        session: str | None = None,
    ) -> None:
        """Note the outcome of an attempt. Never raises, waits for nothing."""
        beside_the_answer(lambda: self._ended(candidate, outcome, key_id, retry_after, session), None, self._log)

    def _ended(
        self, candidate: Candidate, outcome: Outcome, key_id: str, retry_after: int | None, session: str | None
    ) -> None:
        now = self._clock()
        if outcome == "answered" and session is not None:
            self._holders.answered(session, candidate.name, now)
        for place in self.health.ended(candidate, outcome, key_id=key_id, now=now, retry_after=retry_after):
            self._tell(place, self.health.circuits[place])

    def after(
        self, failed: Candidate, outcome: Outcome, left: Sequence[Candidate], key_id: str = ""
    ) -> list[Candidate]:
        """Return the candidates worth asking after a failed attempt; none where the key's retries are used up."""
        hopeful = [candidate for candidate in left if not is_hopeless(candidate, failed, outcome)]
        rule = RULES.get(outcome)
        if not hopeful or rule is None or not rule.spends or self._budgets.take(key_id):
            return hopeful
        self._log("no retry", {"model": failed.name, "outcome": outcome})
        return []

    def beside(self, left: Sequence[Candidate], key_id: str = "") -> Candidate | None:
        """Who may be asked beside a slow one; that spends one of the key's retries. Nobody is probed so."""
        now = self._clock()
        fit = next((each for each in left if self.health.standing(each, now).state == "closed"), None)
        return fit if fit is not None and self._budgets.take(key_id) else None

    def hedge(self, route: str, *, is_stream: bool) -> RouteHedge:
        """When the requests of a route are hedged."""
        return RouteHedge(self._contents, route, is_stream, self._clock)

    def watch(self, candidate: Candidate, summary: Summary) -> None:
        """Note how a request ended, for the candidate that had begun to answer."""
        tried = summary.tried[-1]
        if tried["outcome"] == "broke_off":
            self.ended(candidate, "broke_off", summary.key_id or "")
        elif tried["outcome"] == "answered" and summary.total_ms is not None:
            seconds = (summary.total_ms - (summary.first_event_ms or 0.0)) / 1000
            speed = summary.output_tokens / seconds if summary.stream and seconds > 0 else 0.0
            self.health.ended_whole(candidate)
            self.health.note_pace(candidate, first_event=tried["took_ms"] / 1000, tokens_a_second=speed)

    def _tell(self, place: Place, circuit: Circuit) -> None:
        """Log a change of a circuit, and write it to the store. Of several changes at once, the last one is written."""
        where: dict[str, object] = {"provider": place.provider, "model": place.model, "upstream_key": place.key}
        if circuit.open_until:
            seconds = round(circuit.open_until - self._clock(), 1)
            self._log("set aside", {**where, "outcome": circuit.reason, "seconds": seconds})
        else:
            self._log("asked again", where)
        opened = sum(
            1 for each, it in self.health.circuits.items() if each.provider == place.provider and it.open_until
        )
        if opened > MOST_SHARED:
            return
        is_writing = place in self._unwritten
        self._unwritten[place] = circuit
        if not is_writing:
            _ = in_background(self._write(place))

    def _refresh(self, provider: str, now: float) -> None:
        if 0 <= now - self._read_at.get(provider, -READ_SECONDS) < READ_SECONDS:
            return
        self._read_at[provider] = now
        _ = in_background(self._read(provider))

    async def _read(self, provider: str) -> None:
        try:
            told = await (await self._table()).of(provider)
        except Exception as error:  # noqa: BLE001 -- whatever the store's trouble is, requests go on
            self._failed(error)
        else:
            self.health.hear(told)

    async def _write(self, place: Place) -> None:
        circuit = None
        while (newest := self._unwritten[place]) is not circuit:
            circuit = newest
            try:
                await (await self._table()).write(place, circuit)
            except Exception as error:  # noqa: BLE001 -- whatever the store's trouble is, requests go on
                self._failed(error)
        del self._unwritten[place]

    def _failed(self, error: Exception) -> None:
        self._log("health not shared", {"error": type(error).__name__})


def open_health(
    settings: Settings, environ: Mapping[str, str], *, clock: Callable[[], float], log: Log
) -> HealthMemory:
    """Open the memory of a function that starts."""

    def open_table() -> HealthTable:
        return HealthTable(open_store(settings.store, environ, clock=clock), clock=clock)

    return HealthMemory(open_table, clock=clock, log=log)
