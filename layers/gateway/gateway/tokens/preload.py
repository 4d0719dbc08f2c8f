"""What a process reads before workers fork from it, so that they share it: the vocabularies of what it may serve."""

from collections.abc import Mapping

from translator.tokens.counting import vocabulary_of

from gateway.routing.directory import configuration_of
from gateway.routing.providers import configured_providers
from gateway.settings import Settings
from gateway.tokens.vocabulary import load


def read_ahead(settings: Settings, environ: Mapping[str, str]) -> None:
    """Read what counts the models of the providers whose keys stand in the environment, claude ids and unknown models.

    Parameter Store is not asked: a connection would not survive the fork. Whatever else is needed, a worker reads.
    """
    configuration = configuration_of(settings)
    try:
        configured = configured_providers(environ, configuration.providers)
    except ValueError:  # the operator's mistake, which each request is told
        configured = {}
    models = (facts.id for facts in configuration.catalogue.search(providers=configured))
    load({vocabulary_of(model) for model in ("claude", "", *models)})
