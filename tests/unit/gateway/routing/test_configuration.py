"""What edgeway.toml means, and what is said where it is wrong."""

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from gateway.routing.catalogue import Catalogue
from gateway.routing.configuration import Configuration, read_configuration
from gateway.routing.model_facts import CAPABILITIES, Prices
from gateway.routing.model_traits import model_traits
from gateway.routing.providers import Provider, all_providers, configured_providers
from gateway.routing.resolve import Candidate, NoUsableKeyError, resolve
from gateway.settings import EDGEWAY_TOML
from gateway.toml_document import DocumentError
from translator.traits import Traits

ROOT = Path(__file__).resolve().parents[4]
DOCUMENTATION = ROOT / "docs" / "configuration.md"


def read(tmp_path: Path, catalogue: Catalogue, text: str) -> Configuration:
    file = tmp_path / "edgeway.toml"
    file.write_text(text)
    return read_configuration(file, catalogue)


def candidates(configuration: Configuration, model: str, **environ: str) -> list[Candidate]:
    return list(resolve(model, configuration, configured_providers(environ, configuration.providers)))


def names(configuration: Configuration, model: str, **environ: str) -> list[str]:
    return [each.name for each in candidates(configuration, model, **environ)]


def test_an_empty_file_changes_nothing(tmp_path: Path, catalogue: Catalogue) -> None:
    configuration = read(tmp_path, catalogue, "[aliases]\n[routes]\n")
    assert configuration == Configuration(catalogue=catalogue)
    assert list(configuration.providers) == list(all_providers())


def test_the_layer_holds_the_file_at_the_root_and_it_is_right(catalogue: Catalogue) -> None:
    assert EDGEWAY_TOML.is_symlink()
    assert EDGEWAY_TOML.resolve() == ROOT / "edgeway.toml"
    read_configuration(EDGEWAY_TOML, catalogue)


def test_the_example_of_the_documentation(tmp_path: Path, catalogue: Catalogue) -> None:
    [example] = re.findall(r"^```toml\n(.*?)^```$", DOCUMENTATION.read_text(), flags=re.MULTILINE | re.DOTALL)
    configuration = read(tmp_path, catalogue, example)
    assert configuration.default_model == "openai/gpt-5"
    assert list(configuration.aliases) == ["fast", "claude-opus-4-8"]
    assert list(configuration.providers)[:4] == ["openrouter", "groq", "acme", "workshop"]
    assert configuration.providers["openai"].base_url == "https://eu.api.openai.com/v1"
    assert configuration.catalogue.model("acme", "qwen3-235b") is not None


def test_the_documentation_names_every_key(catalogue: Catalogue) -> None:
    elsewhere = ("context_window", "max_output_tokens", "reasoning_scope")
    traits = [field.name for field in fields(Traits) if field.name not in elsewhere]
    text = DOCUMENTATION.read_text()
    assert [name for name in (*traits, *CAPABILITIES.values()) if f"`{name}`" not in text] == []


@pytest.mark.parametrize(
    ("written", "asked_at"),
    [
        ("https://llm.acme.example/v1/", "https://llm.acme.example/v1"),
        ("https://llm.acme.example/v1/chat/completions", "https://llm.acme.example/v1"),
        (
            "https://x.openai.azure.com/openai/deployments/a/chat/completions?api-version=2026-01-01",
            "https://x.openai.azure.com/openai/deployments/a?api-version=2026-01-01",
        ),
        ("https://${RESOURCE}.example.com/v1/?api-version=1", "https://${RESOURCE}.example.com/v1?api-version=1"),
    ],
)
def test_an_address_is_understood_as_it_was_pasted(
    written: str, asked_at: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    configuration = read(tmp_path, catalogue, f'[providers.acme]\nbase_url = "{written}"')
    assert configuration.providers["acme"].base_url == asked_at


def test_a_provider_of_ones_own(tmp_path: Path, catalogue: Catalogue) -> None:
    text = """
        [providers.acme]
        name = "Acme"
        base_url = "https://llm.acme.example/v1/"
        key_variables = ["ACME_TOKEN"]
        authentication = "x-api-key"
        traits = { max_tokens_field = "max_completion_tokens", images = false, efforts = ["high", "low"] }

        [providers.acme.models."Big-1"]
        context_window = 100_000
        max_output_tokens = 8_000
        prices = { input = 1, output = 2.5, cache_read = 0.1 }
        capabilities = ["tools", "reasoning"]
    """
    configuration = read(tmp_path, catalogue, text)
    assert configuration.providers["acme"] == Provider(
        id="acme",
        name="Acme",
        base_url="https://llm.acme.example/v1",
        keys=("ACME_TOKEN",),
        authentication="x-api-key",
        traits=Traits(max_tokens_field="max_completion_tokens", images=False, efforts=("low", "high")),
        settled_traits=frozenset({"max_tokens_field", "images", "efforts"}),
        is_there=True,
    )
    [candidate] = candidates(configuration, "acme/big-1", ACME_TOKEN="k")
    assert (candidate.model, candidate.base_url) == ("Big-1", "https://llm.acme.example/v1")
    assert candidate.provider.authorization() == {"x-api-key": "k"}
    assert candidate.prices == (Prices(input=1_000_000, output=2_500_000, cache_read=100_000),)
    assert candidate.dialects == ("chat",)
    assert replace(candidate.traits, reasoning_scope="") == Traits(
        fields=frozenset({"stream_options"}),  # it has no temperature
        max_tokens_field="max_completion_tokens",
        max_output_tokens=8_000,
        context_window=100_000,
        efforts=("low", "high"),
        images=False,
    )
    assert names(configuration, "big-1", ACME_TOKEN="k") == ["acme/Big-1"]
    assert names(configuration, "acme/another", ACME_API_KEY="k") == ["acme/another"]
    with pytest.raises(NoUsableKeyError, match=r"^model: big-1\. No .* configured: set ACME_TOKEN \(Acme\)$"):
        candidates(configuration, "big-1")


def test_a_model_of_which_little_is_written_can_do_what_the_provider_can(tmp_path: Path, catalogue: Catalogue) -> None:
    text = '[providers.acme]\nbase_url = "https://a.example"\n[providers.acme.models.m]\ncontext_window = 9\n'
    configuration = read(tmp_path, catalogue, text)
    acme, facts = configuration.providers["acme"], configuration.catalogue.model("acme", "m")
    assert facts is not None
    assert facts.capabilities == set(CAPABILITIES.values()) - {"open_weights"}
    assert model_traits(acme, "m", facts) == replace(model_traits(acme, "m", None), context_window=9)


def test_a_known_model_keeps_what_is_not_written(tmp_path: Path, catalogue: Catalogue) -> None:
    configuration = read(
        tmp_path, catalogue, '[providers.openai.models."gpt-4.1"]\nprices = { input = 1, output = 1 }\n'
    )
    known, facts = catalogue.model("openai", "gpt-4.1"), configuration.catalogue.model("openai", "gpt-4.1")
    assert known is not None
    assert facts == replace(known, prices=(Prices(1_000_000, 1_000_000),))
    found = configuration.catalogue.serving("gpt-4.1", {"openai", "openrouter"})
    assert [(each.provider, each == facts) for each in found] == [("openai", True), ("openrouter", False)]
    assert configuration.catalogue.search("openai/gpt-4.1").count(facts) == 1
    assert len(configuration.catalogue.search()) == len(catalogue.search())


def test_models_of_ones_own_are_found_and_suggested(tmp_path: Path, catalogue: Catalogue) -> None:
    text = '[providers.acme]\nbase_url = "https://a.example"\n[providers.acme.models."zebra-9000"]\n'
    own = read(tmp_path, catalogue, text).catalogue
    assert [facts.provider for facts in own.search("zebra-9000")] == ["acme"]
    assert own.suggest("zebra-900") == ("zebra-9000",)
    assert own.providers_of("Zebra-9000") == ("acme",)
    assert own.providers_of("gpt-5") == catalogue.providers_of("gpt-5")


def test_a_known_provider_keeps_what_is_not_written(tmp_path: Path, catalogue: Catalogue) -> None:
    configuration = read(tmp_path, catalogue, '[providers.openai]\nbase_url = "https://eu.api.openai.com/v1"\n')
    expected = replace(all_providers()["openai"], base_url="https://eu.api.openai.com/v1", is_there=True)
    assert configuration.providers["openai"] == expected
    assert list(configuration.providers) == list(all_providers())


def test_a_provider_can_be_written_under_any_of_its_names(tmp_path: Path, catalogue: Catalogue) -> None:
    text = '[providers.gemini]\nname = "G"\n[providers.gemini.models.m]\ncontext_window = 9\n'
    configuration = read(tmp_path, catalogue, text)
    assert configuration.providers["google"] == replace(all_providers()["google"], name="G")
    assert configuration.catalogue.model("google", "m") is not None
    assert "gemini" not in configuration.providers


@pytest.mark.parametrize(
    ("text", "environ", "expected"),
    [
        ("", {"AWS_REGION": "us-east-1"}, []),
        ("[providers.bedrock]", {}, []),
        ("[providers.bedrock]", {"AWS_REGION": "us-east-1"}, ["amazon-bedrock bedrock us-east-1 None"]),
        (
            '[providers.bedrock]\nregion = "eu-west-1"\nprofile = "work"\n[providers.mantle]',
            {"AWS_REGION": "us-east-1"},
            ["amazon-bedrock bedrock eu-west-1 work", "bedrock-mantle bedrock-mantle us-east-1 None"],
        ),
        ('[providers.bedrock]\nregion = "eu-west-1"', {"AWS_BEARER_TOKEN_BEDROCK": "k"}, ["amazon-bedrock None"]),
        (
            "[providers.claude-platform-aws]",
            {"AWS_REGION": "us-east-1", "ANTHROPIC_AWS_WORKSPACE_ID": "wrkspc_1"},
            ["claude-platform-aws aws-external-anthropic us-east-1 None"],
        ),
    ],
)
def test_an_entry_is_what_lets_aws_credentials_sign(
    tmp_path: Path, catalogue: Catalogue, text: str, environ: dict[str, str], expected: list[str]
) -> None:
    providers = read(tmp_path, catalogue, text).providers
    found = configured_providers({"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", **environ}, providers)
    assert [" ".join(map(str, (each.id, *(each.signing or [None])))) for each in found.values()] == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [("", "eu"), ('inference_profiles = "global"', "global"), ('inference_profiles = "none"', "")],
)
def test_the_profiles_that_the_operator_allows(
    tmp_path: Path, catalogue: Catalogue, written: str, expected: str
) -> None:
    configuration = read(tmp_path, catalogue, f"[providers.bedrock]\n{written}")
    [name] = names(configuration, "bedrock/claude-next-9", AWS_REGION="eu-west-1")
    assert name == f"amazon-bedrock/{expected}{'.' if expected else ''}anthropic.claude-next-9"


def test_traits_that_are_written_stand_over_rules_and_under_facts(tmp_path: Path, catalogue: Catalogue) -> None:
    text = '[providers.openai.traits]\nefforts = ["low"]\nfields = ["temperature", "store"]\nimages = true\n'
    openai = read(tmp_path, catalogue, text).providers["openai"]
    unheard_of = model_traits(openai, "gpt-5-next", None)
    assert unheard_of.efforts == ("low",)
    assert unheard_of.fields == {"temperature", "store"}
    assert unheard_of.max_tokens_field == "max_completion_tokens"
    known = model_traits(openai, "gpt-5", catalogue.model("openai", "gpt-5"))
    assert known.efforts == ("low",)
    assert known.fields == {"store"}
    without_images = model_traits(openai, "gpt-4", catalogue.model("openai", "gpt-4"))
    assert without_images.images is False


@pytest.mark.parametrize(
    ("written", "environ", "asked"),
    [
        ('base_url = "https://a.example"', {}, False),
        ('base_url = "https://a.example"', {"ACME_API_KEY": "k"}, True),
        ('base_url = "https://a.example"\nauthentication = "none"', {}, True),
        ('base_url = "https://${WHERE}.example"\nauthentication = "none"', {}, False),
        ('base_url = "https://${WHERE}.example"\nauthentication = "none"', {"WHERE": "here"}, True),
        ('base_url = "http://127.0.0.1:9/v1"\nallow_http = true', {}, True),
        ('base_url = "http://10.0.0.9:9/v1"\nallow_http = true', {}, False),
        ('base_url = "http://10.0.0.9:9/v1"\nallow_http = true\nauthentication = "none"', {}, True),
    ],
)
def test_who_needs_a_key(
    tmp_path: Path, catalogue: Catalogue, written: str, environ: dict[str, str], asked: bool
) -> None:
    configuration = read(tmp_path, catalogue, f"[providers.acme]\n{written}\n")
    assert ("acme" in configured_providers(environ, configuration.providers)) is asked


def test_without_authentication_a_key_stays_here(tmp_path: Path, catalogue: Catalogue) -> None:
    text = '[providers.acme]\nbase_url = "https://a.example"\nauthentication = "none"\n'
    providers = read(tmp_path, catalogue, text).providers
    assert configured_providers({"ACME_API_KEY": "k"}, providers)["acme"].authorization() == {}


def test_a_local_server_that_is_written_down_is_there(tmp_path: Path, catalogue: Catalogue) -> None:
    text = '[providers.ollama]\nbase_url = "http://127.0.0.1:11434/v1"\nallow_http = true\n'
    configuration = read(tmp_path, catalogue, text)
    assert list(configured_providers({}, configuration.providers)) == ["ollama"]
    assert list(configured_providers({}, all_providers())) == []


def test_the_order(tmp_path: Path, catalogue: Catalogue) -> None:
    text = """
        [routes]
        prefer = ["groq", "acme"]
        [providers.other]
        base_url = "https://other.example"
        [providers.acme]
        base_url = "https://acme.example"
        [providers.acme.models."gpt-oss-120b"]
        [providers.other.models."gpt-5"]
    """
    configuration = read(tmp_path, catalogue, text)
    assert list(configuration.providers)[:5] == ["groq", "acme", "other", "anthropic", "openai"]
    everyone = dict.fromkeys(
        ("OPENAI_API_KEY", "OPENROUTER_API_KEY", "GROQ_API_KEY", "ACME_API_KEY", "OTHER_API_KEY"), "k"
    )
    assert names(configuration, "gpt-oss-120b", **everyone)[:3] == [
        "groq/openai/gpt-oss-120b",
        "acme/gpt-oss-120b",
        "openrouter/openai/gpt-oss-120b",
    ]
    assert names(configuration, "gpt-5", **everyone)[:2] == ["openai/gpt-5", "other/gpt-5"]  # its maker first


@pytest.mark.parametrize(("text", "is_one"), [("", False), ("one_tenant = false", False), ("one_tenant = true", True)])
def test_all_keys_are_one_tenant_where_the_operator_says_so(
    tmp_path: Path, catalogue: Catalogue, text: str, is_one: bool
) -> None:
    found = candidates(read(tmp_path, catalogue, text), "claude-opus-5", ANTHROPIC_API_KEY="k")
    assert {each.one_tenant for each in found} == {is_one}


def test_aliases_and_the_default_model(tmp_path: Path, catalogue: Catalogue) -> None:
    text = """
        default_model = "google/gemini-2.5-pro"
        [aliases]
        fast = "Gemini/gemini-2.5-flash"
        "claude-opus-4-8" = ["acme/big", "openai/gpt-5"]
        [providers.acme]
        base_url = "https://acme.example"
    """
    configuration = read(tmp_path, catalogue, text)
    keys = {"GEMINI_API_KEY": "k", "OPENAI_API_KEY": "k", "ACME_API_KEY": "k"}
    assert names(configuration, "fast", **keys) == ["google/gemini-2.5-flash"]
    assert names(configuration, "claude-opus-4-8[1m]", **keys) == ["acme/big", "openai/gpt-5"]
    assert names(configuration, "claude-haiku-4-5", **keys) == ["google/gemini-2.5-pro"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("", 0), ('zone = "+01:00"', 3_600), ('zone = "-09:30"', -34_200), ('zone = "+14:00"', 50_400)],
)
def test_days_begin_where_the_operator_says(text: str, seconds: int, tmp_path: Path, catalogue: Catalogue) -> None:
    assert read(tmp_path, catalogue, text).zone_seconds == seconds


TARGET = "must be provider/model, with a provider that `edgeway providers` lists or this file adds"


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        (
            "colour = 1",
            (
                "1: colour: is not known here; "
                "known are default_model, aliases, routes, providers, over_budget, report_cost, zone, one_tenant, "
                "allowed, response_cache"
            ),
        ),
        *(
            (f'zone = "{zone}"', '1: zone: must be how far the zone is from UTC, from "-14:00" to "+14:00"')
            for zone in ("Europe/Berlin", "+14:01", "+1:00", "+01:60", "+01:00:00")
        ),
        ("zone = 1", "1: zone: must be a text"),
        ('default_model = "gpt-5"', f"1: default_model: {TARGET}"),
        ('default_model = "opnai/gpt-5"', f"1: default_model: {TARGET}"),
        ('[aliases]\nfast = "openai/"', f"2: aliases.fast: {TARGET}"),
        ('[aliases]\nfast = ["openai/gpt-5", "none/x"]', f"2: aliases.fast: {TARGET}"),
        (
            '[aliases]\ngpt-4.1 = "openai/gpt-4.1"',
            "2: aliases.gpt-4: must be a text or a list of texts; a key with a dot in it stands in quotes",
        ),
        (
            '[routes]\nprefer = ["groq",\n"nobody"]',
            "2: routes.prefer: must hold ids of providers that `edgeway providers` lists or this file adds",
        ),
        ("[routes]\nfirst = []", "2: routes.first: is not known here; known are prefer, order, auto, rules"),
        (
            "[providers.acme]",
            "1: providers.acme: needs a base_url, since no provider of this name is built in",
        ),
        (
            '[providers.Acme]\nbase_url = "https://a.example"',
            "1: providers.Acme: must be of lower-case letters, digits, dots, hyphens and underscores",
        ),
        (
            '[providers.google]\n[providers.gemini]\nname = "G"',
            "2: providers.gemini: is the same provider as [providers.google]; write them together",
        ),
        (
            '[providers.bedrock]\nregion = "Ireland"\ninference_profiles = "uk"',
            (
                "2: providers.bedrock.region: must be an AWS Region, as in us-east-1\n"
                "3: providers.bedrock.inference_profiles: must be one of us, eu, apac, au, jp, ca, us-gov, global, none"
            ),
        ),
        (
            '[providers.mantle]\ninference_profiles = "us"',
            (
                "2: providers.mantle.inference_profiles: is not known here; known are base_url, "
                "allow_http, authentication, traits, region, profile, name, key_variables, dialect, models"
            ),
        ),
        (
            '[providers.acme]\nbase_url = "http://llm.example"',
            (
                "2: providers.acme.base_url: must be an https address; http only with allow_http = true, "
                "and only to this machine or a private network"
            ),
        ),
        (
            '[providers.openai]\nkey_variables = ["sk-secret"]',
            "2: providers.openai.key_variables: must hold names of variables; the key itself is never written here",
        ),
        (
            '[providers.openai]\nauthentication = "basic"',
            "2: providers.openai.authentication: must be one of bearer, x-api-key, api-key, none",
        ),
        (
            '[providers.openai]\nkey = "sk-secret"',
            (
                "2: providers.openai.key: is not known here; known are base_url, allow_http, authentication, traits, "
                "name, key_variables, dialect, models"
            ),
        ),
        (
            "[providers.openai.traits]\nimages = 1\npdf = 'yes'\nmin_output_tokens = 0",
            (
                "2: providers.openai.traits.images: must be true or false\n"
                "3: providers.openai.traits.pdf: must be true or false\n"
                "4: providers.openai.traits.min_output_tokens: must be 1 or more"
            ),
        ),
        (
            "[providers.openai]\ntraits = { efforts = ['huge'] }",
            "2: providers.openai.traits.efforts: may hold none, minimal, low, medium, high, xhigh, max",
        ),
        (
            "[providers.openai]\ntraits = { reasoning_echo = 'yes' }",
            (
                "2: providers.openai.traits.reasoning_echo: must be one of reasoning_content, reasoning, "
                "reasoning_details, think_tags"
            ),
        ),
        (
            '[providers.openai.models."gpt-5"]\ncontext_window = "1M"\ncapabilities = ["vision"]',
            (
                "2: providers.openai.models.gpt-5.context_window: must be a whole number\n"
                "3: providers.openai.models.gpt-5.capabilities: may hold reasoning, tools, attachment, images, pdf, "
                "temperature, structured_output, open_weights"
            ),
        ),
        (
            "[providers.openai.models.m.prices]\ninput = 1\ncached = 0",
            (
                "1: providers.openai.models.m.prices: needs output, in dollars per million tokens\n"
                "3: providers.openai.models.m.prices.cached: is not known here; known are input, output, cache_read, "
                "cache_write, cache_write_1h, reasoning, request, web_search"
            ),
        ),
    ],
)
def test_mistakes(tmp_path: Path, catalogue: Catalogue, text: str, mistakes: str) -> None:
    with pytest.raises(DocumentError) as refused:
        read(tmp_path, catalogue, text)
    assert str(refused.value).replace(f"{tmp_path}/edgeway.toml:", "") == mistakes


def test_a_trait_that_belongs_to_models_is_not_one_of_the_provider(tmp_path: Path, catalogue: Catalogue) -> None:
    with pytest.raises(DocumentError, match=r"traits\.context_window: is not known here; known are fields, "):
        read(tmp_path, catalogue, "[providers.openai]\ntraits = { context_window = 1 }")


def test_a_dialect_is_written_for_a_provider_and_for_a_model(tmp_path: Path, catalogue: Catalogue) -> None:
    text = """
        [providers.acme]
        base_url = "https://llm.acme.example/v1/responses"
        dialect = "responses"
        [providers.acme.models.old]
        dialect = "chat"
        [providers.openai]
        dialect = "chat"
    """
    configuration = read(tmp_path, catalogue, text)
    [new, old, openai] = [
        candidates(configuration, name, ACME_API_KEY="k", OPENAI_API_KEY="k")[0]
        for name in ("acme/new", "acme/old", "openai/gpt-5.6")
    ]
    assert (new.base_url, new.dialects) == ("https://llm.acme.example/v1", ("responses",))
    assert (old.dialects, openai.dialects) == (("chat",), ("chat",))


def test_a_dialect_is_one_of_three(tmp_path: Path, catalogue: Catalogue) -> None:
    with pytest.raises(DocumentError, match="dialect: must be one of chat, responses, anthropic"):
        read(tmp_path, catalogue, '[providers.openai]\ndialect = "latin"')
