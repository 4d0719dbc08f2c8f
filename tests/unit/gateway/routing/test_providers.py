"""Who is configured by which environment, and that the tables of providers hold together."""

import re
from collections import Counter
from dataclasses import replace

import pytest
from gateway.routing.catalogue import Catalogue
from gateway.routing.key_pool import Secret
from gateway.routing.model_facts import ModelFacts, unknown_model
from gateway.routing.model_rules import Dialect
from gateway.routing.model_traits import model_dialects, model_traits
from gateway.routing.provider_table import PROVIDERS
from gateway.routing.providers import ConfiguredProvider, Provider, all_providers, configured_providers

ENDPOINTS = {
    "openai": ("OPENAI_API_KEY", "https://api.openai.com/v1"),
    "google": ("GEMINI_API_KEY", "https://generativelanguage.googleapis.com/v1beta/openai"),
    "anthropic": ("ANTHROPIC_API_KEY", "https://api.anthropic.com/v1"),
    "mistral": ("MISTRAL_API_KEY", "https://api.mistral.ai/v1"),
    "xai": ("XAI_API_KEY", "https://api.x.ai/v1"),
    "deepseek": ("DEEPSEEK_API_KEY", "https://api.deepseek.com"),
    "cohere": ("COHERE_API_KEY", "https://api.cohere.ai/compatibility/v1"),
    "moonshotai": ("MOONSHOT_API_KEY", "https://api.moonshot.ai/v1"),
    "zai": ("ZHIPU_API_KEY", "https://api.z.ai/api/paas/v4"),
    "alibaba": ("DASHSCOPE_API_KEY", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"),
    "minimax": ("MINIMAX_API_KEY", "https://api.minimax.io/v1"),
    "perplexity": ("PERPLEXITY_API_KEY", "https://api.perplexity.ai"),
    "openrouter": ("OPENROUTER_API_KEY", "https://openrouter.ai/api/v1"),
    "groq": ("GROQ_API_KEY", "https://api.groq.com/openai/v1"),
    "cerebras": ("CEREBRAS_API_KEY", "https://api.cerebras.ai/v1"),
    "togetherai": ("TOGETHER_API_KEY", "https://api.together.xyz/v1"),
    "fireworks-ai": ("FIREWORKS_API_KEY", "https://api.fireworks.ai/inference/v1"),
    "deepinfra": ("DEEPINFRA_API_KEY", "https://api.deepinfra.com/v1/openai"),
    "nvidia": ("NVIDIA_API_KEY", "https://integrate.api.nvidia.com/v1"),
    "huggingface": ("HF_TOKEN", "https://router.huggingface.co/v1"),
    "vercel": ("AI_GATEWAY_API_KEY", "https://ai-gateway.vercel.sh/v1"),
}
LOCAL = {
    "ollama": "http://127.0.0.1:11434/v1",
    "lmstudio": "http://127.0.0.1:1234/v1",
    "vllm": "http://127.0.0.1:8000/v1",
    "sglang": "http://127.0.0.1:30000/v1",
    "llamacpp": "http://127.0.0.1:8080/v1",
}


@pytest.mark.parametrize("provider", ENDPOINTS)
def test_a_key_is_enough(provider: str) -> None:
    variable, base_url = ENDPOINTS[provider]
    configured = configured_providers({variable: " the-key\n"})
    assert {name: each.base_url for name, each in configured.items()} == {provider: base_url}
    assert configured[provider].authorization() == {"authorization": "Bearer the-key"}


@pytest.mark.parametrize("provider", LOCAL)
def test_a_local_server_needs_its_address_and_no_key(provider: str) -> None:
    prefix = provider.upper()
    assert all_providers()[provider].base_url == LOCAL[provider]
    assert provider not in configured_providers({f"{prefix}_API_KEY": "key"})
    configured = configured_providers({f"{prefix}_BASE_URL": "http://10.0.0.7:9999/v1/"})
    assert {name: each.base_url for name, each in configured.items()} == {provider: "http://10.0.0.7:9999/v1"}
    assert configured[provider].authorization() == {}


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, {}),
        ({"OPENAI_API_KEY": "", "OPENAI_BASE_URL": " "}, {}),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:9100/v1"}, {"openai": "http://127.0.0.1:9100/v1"}),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:9100"}, {"openai": "http://127.0.0.1:9100/v1"}),
        ({"GEMINI_BASE_URL": "http://[::1]:9100/"}, {"google": "http://[::1]:9100/v1beta/openai"}),
        ({"GOOGLE_AI_STUDIO_API_KEY": "k"}, {"google": ENDPOINTS["google"][1]}),
        ({"GOOGLE_API_KEY": "k"}, {"google": ENDPOINTS["google"][1]}),
        # Clients own ANTHROPIC_BASE_URL, and export our own keys as ANTHROPIC_API_KEY.
        ({"ANTHROPIC_BASE_URL": "http://127.0.0.1:3000"}, {}),
        ({"ANTHROPIC_API_KEY": "ew_abc"}, {}),
        ({"EDGEWAY_ANTHROPIC_BASE_URL": "https://proxy.example"}, {"anthropic": "https://proxy.example/v1"}),
        # One firm's plans and regions share a variable; each also has its own.
        ({"ZHIPU_API_KEY": "k"}, {"zai": ENDPOINTS["zai"][1]}),
        ({"ZHIPUAI_API_KEY": "k"}, {"zhipuai": "https://open.bigmodel.cn/api/paas/v4"}),
        ({"MINIMAX_CN_API_KEY": "k"}, {"minimax-cn": "https://api.minimaxi.com/v1"}),
        # What other tools set is no wish to send prompts there.
        ({"GITHUB_TOKEN": "t", "GITLAB_TOKEN": "t", "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "k"}, {}),
        ({"GITHUB_COPILOT_API_KEY": "k"}, {"github-copilot": "https://api.githubcopilot.com"}),
        # Addresses with an account in them.
        ({"AZURE_API_KEY": "k"}, {}),
        (
            {"AZURE_API_KEY": "k", "AZURE_RESOURCE_NAME": "ours"},
            {"azure": "https://ours.openai.azure.com/openai/v1"},
        ),
        ({"AZURE_BASE_URL": "https://gpt.example/openai/v1"}, {"azure": "https://gpt.example/openai/v1"}),
        (
            {"AWS_BEARER_TOKEN_BEDROCK": "k", "AWS_REGION": "eu-west-1"},
            {
                "amazon-bedrock": "https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1",
                "bedrock-mantle": "https://bedrock-mantle.eu-west-1.api.aws/v1",
            },
        ),
        (
            {"AWS_BEARER_TOKEN_BEDROCK": "k", "AWS_DEFAULT_REGION": "eu-west-1"},
            {
                "amazon-bedrock": "https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1",
                "bedrock-mantle": "https://bedrock-mantle.eu-west-1.api.aws/v1",
            },
        ),
        # AWS credentials are no wish to send prompts anywhere; with one, they stand in for a key.
        ({"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "us-east-1"}, {}),
        ({"EDGEWAY_BEDROCK": "true"}, {}),
        ({"EDGEWAY_BEDROCK": "false", "AWS_REGION": "us-east-1"}, {}),
        (
            {"EDGEWAY_BEDROCK": "true", "AWS_REGION": "us-east-1"},
            {
                "amazon-bedrock": "https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1",
                "bedrock-mantle": "https://bedrock-mantle.us-east-1.api.aws/v1",
            },
        ),
        ({"EDGEWAY_CLAUDE_PLATFORM": "true", "AWS_REGION": "us-east-1"}, {}),
        (
            {"EDGEWAY_CLAUDE_PLATFORM": "true", "AWS_REGION": "us-east-1", "ANTHROPIC_AWS_WORKSPACE_ID": "wrkspc_1"},
            {"claude-platform-aws": "https://aws-external-anthropic.us-east-1.api.aws/v1"},
        ),
        (
            {"AMAZON_BEDROCK_BASE_URL": "https://vpce-1.bedrock-runtime.eu-west-1.vpce.amazonaws.com"},
            {"amazon-bedrock": "https://vpce-1.bedrock-runtime.eu-west-1.vpce.amazonaws.com/openai/v1"},
        ),
        ({"CLOUDFLARE_WORKERS_AI_BASE_URL": "http://127.0.0.1:9"}, {"cloudflare-workers-ai": "http://127.0.0.1:9"}),
        # Without a chat completions endpoint, one must be given.
        ({"SAP_AI_CORE_API_KEY": "k"}, {}),
        ({"SAP_AI_CORE_BASE_URL": "https://sap.example/v1"}, {"sap-ai-core": "https://sap.example/v1"}),
        # The order of preference, whatever the environment's.
        (
            {"GROQ_API_KEY": "k", "GEMINI_API_KEY": "k", "302AI_API_KEY": "k", "OPENAI_API_KEY": "k"},
            {name: ENDPOINTS[name][1] for name in ("openai", "google", "groq")} | {"302ai": "https://api.302.ai/v1"},
        ),
    ],
)
def test_environments(environ: dict[str, str], expected: dict[str, str]) -> None:
    configured = configured_providers(environ)
    assert [(name, each.base_url) for name, each in configured.items()] == list(expected.items())


def test_azure_has_its_own_header() -> None:
    configured = configured_providers({"AZURE_BASE_URL": "https://azure.example/openai/v1", "AZURE_API_KEY": "k"})
    assert configured["azure"].authorization() == {"api-key": "k"}


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1:9100", "ftp://host/v1", "http://", "localhost", "http://127.0.0.1:99999/v1", "http://host:many/v1",
        "http://host:-1", "http://two words/v1", "http://host/v1\n.example",
    ],
)  # fmt: skip
def test_a_wrong_address_is_named_by_its_variable_and_not_repeated(address: str) -> None:
    with pytest.raises(ValueError, match=r"^OPENAI_BASE_URL is not an http or https address$"):
        configured_providers({"OPENAI_BASE_URL": address})


@pytest.mark.parametrize("name", ["x:99999", "x:y", "two words"])
def test_a_word_that_makes_no_address_is_named_by_its_variable_and_not_repeated(name: str) -> None:
    with pytest.raises(ValueError, match=r"^AZURE_RESOURCE_NAME makes no http or https address$"):
        configured_providers({"AZURE_API_KEY": "k", "AZURE_RESOURCE_NAME": name})


def test_a_key_does_not_show() -> None:
    provider = ConfiguredProvider(Provider(id="p", name="P"), "https://p.example", Secret("hush-hush"))
    shown = f"{provider} {provider!r} {provider.key} {provider.key!r}"
    assert "hush" not in shown
    assert provider.key is not None
    assert provider.key.reveal() == "hush-hush"


def test_more_than_a_hundred_can_be_asked_over_https() -> None:
    remote = [each for each in all_providers().values() if each.base_url and not each.local]
    assert len(remote) > 150
    assert [each.id for each in remote if not re.fullmatch(r"(https://|\$\{)[^ ]*[^/ ]", each.base_url)] == []
    assert [each.id for each in remote if each.base_url.endswith("/chat/completions")] == []


def test_no_key_is_given_to_two_who_need_no_address() -> None:
    remote = [each for each in all_providers().values() if each.base_url and not each.local]
    given = Counter(variable for each in remote for variable in each.key_variables)
    assert [variable for variable, count in given.items() if count > 1] == ["AWS_BEARER_TOKEN_BEDROCK"]


def test_no_name_and_no_address_is_shared() -> None:
    everyone = all_providers().values()
    names = Counter(name for each in everyone for name in (each.id, *each.names))
    variables = Counter(variable for each in everyone for variable in each.base_url_variables)
    assert [name for name, count in (names + variables).items() if count > 1] == []


def test_everybody_whom_the_catalogue_does_not_know_has_a_name_and_an_address() -> None:
    generated = {line.split("\t")[0] for line in _provider_file().splitlines()[1:]}
    by_hand = {name: facts for name, facts in PROVIDERS.items() if name not in generated}
    assert [name for name, facts in by_hand.items() if not {"name", "base_url"} <= facts.keys()] == []


def test_tiers_are_models_that_the_catalogue_knows(catalogue: Catalogue) -> None:
    tiers = [
        (provider, model_id)
        for provider in all_providers().values()
        if provider.tiers is not None
        for model_id in provider.tiers.values()
    ]
    assert len(tiers) > 400
    facts = {(each.id, model_id): _known(each, model_id, catalogue) for each, model_id in tiers}
    assert [key for key, known in facts.items() if known is None or "tools" not in known.capabilities] == []
    assert [key for key, known in facts.items() if known is not None and known.status == "deprecated"] == []


def _known(provider: Provider, model_id: str, catalogue: Catalogue) -> ModelFacts | None:
    """Where a Region spells the ids, the tiers are written without it."""
    lister = provider.lists_models_of or provider.id
    if provider.ids is None:
        return catalogue.model(lister, model_id)
    return next(iter(catalogue.serving(model_id, {lister})), None)


def _provider_file() -> str:
    from gateway.routing.providers import DATA

    return DATA.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("environ", "name", "endpoint", "header"),
    [
        ({"ANTHROPIC_API_KEY": "k"}, "anthropic", "https://api.anthropic.com/v1", "x-api-key"),
        ({"EDGEWAY_ANTHROPIC_BASE_URL": "http://p", "ANTHROPIC_API_KEY": "k"}, "anthropic", "http://p/v1", "x-api-key"),
        ({"MINIMAX_API_KEY": "k"}, "minimax", "https://api.minimax.io/anthropic/v1", "x-api-key"),
        ({"ZAI_API_KEY": "k", "ZHIPU_API_KEY": "k"}, "zai", "https://api.z.ai/api/anthropic/v1", "authorization"),
        ({"OPENROUTER_API_KEY": "k"}, "openrouter", "https://openrouter.ai/api/v1", "authorization"),
        (
            {"AZURE_API_KEY": "k", "AZURE_RESOURCE_NAME": "r"},
            "azure",
            "https://r.services.ai.azure.com/anthropic/v1",
            "api-key",
        ),
    ],
)
def test_where_the_messages_api_is_spoken(environ: dict[str, str], name: str, endpoint: str, header: str) -> None:
    provider = configured_providers(environ)[name]
    assert provider.endpoint("anthropic") == endpoint
    assert list(provider.authorization("anthropic")) == [header]


@pytest.mark.parametrize(
    ("provider", "model", "dialects", "endpoint"),
    [
        ("amazon-bedrock", "eu.anthropic.claude-opus-5", ("anthropic",), "https://bedrock-runtime.R/anthropic/v1"),
        ("amazon-bedrock", "openai.gpt-oss-20b-1:0", ("chat",), "https://bedrock-runtime.R/openai/v1"),
        ("amazon-bedrock", "qwen.qwen3-32b-v1:0", ("chat",), "https://bedrock-runtime.R/openai/v1"),
        ("amazon-bedrock", "global.openai.gpt-5.6-sol", ("responses",), "https://bedrock-runtime.R/openai/v1"),
        ("amazon-bedrock", "eu.amazon.nova-2-lite-v1:0", ("converse",), "https://bedrock-runtime.R"),
        ("amazon-bedrock", "us.meta.llama4-scout-17b-instruct-v1:0", ("converse",), "https://bedrock-runtime.R"),
        ("amazon-bedrock", "us.deepseek.r1-v1:0", ("converse",), "https://bedrock-runtime.R"),
        ("amazon-bedrock", "deepseek.v3.2", ("chat",), "https://bedrock-runtime.R/openai/v1"),
        ("bedrock-mantle", "anthropic.claude-opus-5", ("anthropic",), "https://bedrock-mantle.R/anthropic/v1"),
        ("bedrock-mantle", "openai.gpt-5.4", ("responses",), "https://bedrock-mantle.R/openai/v1"),
        ("bedrock-mantle", "xai.grok-4.3", ("responses",), "https://bedrock-mantle.R/openai/v1"),
        ("bedrock-mantle", "openai.gpt-oss-20b", ("chat",), "https://bedrock-mantle.R/v1"),
    ],
)
def test_bedrocks_dialects(provider: str, model: str, dialects: tuple[Dialect, ...], endpoint: str) -> None:
    configured = configured_providers({"EDGEWAY_BEDROCK": "true", "AWS_REGION": "eu-west-1"})[provider]
    assert model_dialects(configured.provider, model, None) == dialects
    told = configured.endpoint(dialects[0]).replace("eu-west-1.amazonaws.com", "R").replace("eu-west-1.api.aws", "R")
    assert told == endpoint


@pytest.mark.parametrize(
    ("model", "takes"),
    [
        ("amazon.nova-pro-v1:0", (True, "any", "any", True, ())),
        ("amazon.nova-micro-v1:0", (True, "any", "any", False, ())),
        ("amazon.nova-2-lite-v1:0", (True, "any", "any", True, ("low", "medium"))),
        ("meta.llama3-3-70b-instruct-v1:0", (False, "unforced", "assistant", False, ())),
        ("mistral.pixtral-large-2502-v1:0", (False, "unforced", "assistant", False, ())),
    ],
)
def test_what_models_take_of_converse(model: str, takes: tuple[object, ...]) -> None:
    facts = replace(unknown_model("amazon-bedrock", model), family="known")
    traits = model_traits(all_providers()["amazon-bedrock"], model, facts)
    told = (traits.streamed_calls, traits.tool_choice, traits.after_tool, traits.pdf, traits.efforts)
    assert told == takes
