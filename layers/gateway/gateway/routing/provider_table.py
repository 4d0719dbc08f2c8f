"""The table of providers, written by hand, in the order in which they are preferred.

To add a provider or to correct one, write here only what differs from its line in data/providers.tsv, which
`make catalogue` generates. One that has no line there needs a name and an address here.
"""

from collections.abc import Mapping
from typing import Literal, TypedDict

from translator.traits import Traits

from gateway.aws.signing import AwsAccess
from gateway.routing import model_rules as rules
from gateway.routing.bedrock_ids import Scheme
from gateway.routing.model_rules import Dialect, Rule

Authentication = Literal["bearer", "x-api-key", "api-key", "none"]
Tier = Literal["opus", "sonnet", "haiku"]


class ProviderFacts(TypedDict, total=False):
    """The fields of `gateway.routing.providers.Provider` that a hand may write."""

    name: str
    base_url: str
    endpoints: Mapping[Dialect, str]
    keys: tuple[str, ...]
    names: tuple[str, ...]
    owned_base_url: str
    authentication: Authentication
    native: Authentication
    aws: AwsAccess
    ids: Scheme
    lists_models_of: str
    headers: Mapping[str, str]
    dialect: Dialect
    makes: tuple[str, ...]
    paths: tuple[str, ...]
    tiers: Mapping[Tier, str]
    traits: Traits
    rules: tuple[Rule, ...]


_GPT_TIERS: Mapping[Tier, str] = {"opus": "gpt-5", "sonnet": "gpt-5-mini", "haiku": "gpt-5-nano"}
_CLAUDE_TIERS: Mapping[Tier, str] = {"opus": "claude-opus-5", "sonnet": "claude-sonnet-5", "haiku": "claude-haiku-4-5"}
_KIMI = ("kimi", "moonshot")
_GLM = ("glm",)

PROVIDERS: Mapping[str, ProviderFacts] = {
    "anthropic": {
        "base_url": "https://api.anthropic.com/v1",
        "owned_base_url": "EDGEWAY_ANTHROPIC_BASE_URL",
        "native": "x-api-key",
        "makes": ("claude",),
        "tiers": _CLAUDE_TIERS,
        "traits": rules.ANTHROPIC_TRAITS,
    },
    "openai": {
        "base_url": "https://api.openai.com/v1",
        "makes": ("gpt-", "chatgpt-", "o1", "o3", "o4", "codex"),
        "tiers": _GPT_TIERS,
        "traits": rules.OPENAI_TRAITS,
        "rules": rules.OPENAI,
    },
    "google": {
        "base_url": "https://generativelanguage.googleapis.com/v1beta/openai",
        "keys": ("GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"),
        "names": ("google-ai-studio", "gemini"),
        "makes": ("gemini", "gemma"),
        "tiers": {"opus": "gemini-2.5-pro", "sonnet": "gemini-2.5-flash", "haiku": "gemini-2.5-flash-lite"},
        "traits": rules.GOOGLE_TRAITS,
        "rules": rules.GOOGLE,
    },
    "mistral": {
        "base_url": "https://api.mistral.ai/v1",
        "names": ("mistralai",),
        "makes": ("mistral", "ministral", "magistral", "codestral", "devstral", "open-mi", "pixtral", "voxtral"),
        "tiers": {"opus": "mistral-medium-latest", "sonnet": "mistral-medium-latest", "haiku": "mistral-small-latest"},
        "traits": rules.MISTRAL_TRAITS,
        "rules": rules.MISTRAL,
    },
    "xai": {
        "base_url": "https://api.x.ai/v1",
        "names": ("x-ai", "grok"),
        "makes": ("grok",),
        "dialect": "responses",
        "tiers": {"opus": "grok-4.6", "sonnet": "grok-4.6", "haiku": "grok-4.3"},
        "traits": rules.XAI_TRAITS,
        "rules": rules.XAI,
    },
    "deepseek": {
        "makes": ("deepseek",),
        "tiers": {"opus": "deepseek-v4-pro", "sonnet": "deepseek-v4-pro", "haiku": "deepseek-v4-flash"},
        "traits": rules.THINKS_WITHOUT_FORCED_TOOLS_TRAITS,
        "rules": rules.DEEPSEEK,
    },
    "cohere": {
        "base_url": "https://api.cohere.ai/compatibility/v1",
        "keys": ("COHERE_API_KEY", "CO_API_KEY"),
        "makes": ("command", "c4ai", "north-"),
        "tiers": {
            "opus": "command-a-plus-05-2026",
            "sonnet": "command-a-plus-05-2026",
            "haiku": "command-r7b-12-2024",
        },
        "traits": rules.COHERE_TRAITS,
        "rules": rules.COHERE,
    },
    "moonshotai": {
        "names": ("moonshot",),
        "makes": _KIMI,
        "tiers": {"opus": "kimi-k3", "sonnet": "kimi-k2.7-code", "haiku": "kimi-k2.7-code-highspeed"},
        "traits": rules.THINKS_WITHOUT_FORCED_TOOLS_TRAITS,
        "rules": rules.KIMI,
    },
    "moonshotai-cn": {"makes": _KIMI, "traits": rules.THINKS_WITHOUT_FORCED_TOOLS_TRAITS, "rules": rules.KIMI},
    "zai": {
        "names": ("z-ai", "z.ai"),
        "makes": _GLM,
        "tiers": {"opus": "glm-5.2", "sonnet": "glm-5.2", "haiku": "glm-4.5-air"},
        "traits": rules.THINKS_WITHOUT_FORCED_TOOLS_TRAITS,
        "rules": rules.GLM,
    },
    "zai-coding-plan": {"makes": _GLM, "traits": rules.THINKS_WITHOUT_FORCED_TOOLS_TRAITS, "rules": rules.GLM},
    "zhipuai": {"makes": _GLM, "traits": rules.THINKS_WITHOUT_FORCED_TOOLS_TRAITS, "rules": rules.GLM},
    "zhipuai-coding-plan": {"makes": _GLM, "traits": rules.THINKS_WITHOUT_FORCED_TOOLS_TRAITS, "rules": rules.GLM},
    "alibaba": {
        "names": ("qwen", "dashscope"),
        "makes": ("qwen", "qwq", "qvq"),
        "tiers": {"opus": "qwen3.7-max", "sonnet": "qwen3.7-plus", "haiku": "qwen3.6-flash"},
        "traits": rules.QWEN_TRAITS,
        "rules": rules.QWEN,
    },
    "alibaba-cn": {"makes": ("qwen", "qwq", "qvq"), "traits": rules.QWEN_TRAITS, "rules": rules.QWEN},
    "minimax": {
        "base_url": "https://api.minimax.io/v1",
        "makes": ("minimax",),
        "tiers": {"opus": "MiniMax-M3", "sonnet": "MiniMax-M3", "haiku": "MiniMax-M2.5-highspeed"},
        "rules": rules.MINIMAX,
    },
    "minimax-cn": {"base_url": "https://api.minimaxi.com/v1", "makes": ("minimax",), "rules": rules.MINIMAX},
    "minimax-coding-plan": {"base_url": "https://api.minimax.io/v1", "makes": ("minimax",), "rules": rules.MINIMAX},
    "minimax-cn-coding-plan": {
        "base_url": "https://api.minimaxi.com/v1",
        "makes": ("minimax",),
        "rules": rules.MINIMAX,
    },
    "perplexity": {"base_url": "https://api.perplexity.ai", "makes": ("sonar",)},
    "openrouter": {
        "native": "bearer",  # https://openrouter.ai/docs/api-reference/anthropic-messages
        "traits": rules.OPENROUTER_TRAITS,
        "rules": rules.OPENROUTER,
    },
    # https://vercel.com/docs/ai-gateway/sdks-and-apis/anthropic-messages-api
    "vercel": {"base_url": "https://ai-gateway.vercel.sh/v1", "native": "bearer"},
    "groq": {
        "base_url": "https://api.groq.com/openai/v1",
        "traits": rules.GROQ_TRAITS,
        "rules": rules.GROQ,
    },
    "cerebras": {
        "base_url": "https://api.cerebras.ai/v1",
        "traits": rules.CEREBRAS_TRAITS,
    },
    "togetherai": {
        "base_url": "https://api.together.xyz/v1",
        "names": ("together", "together-ai", "together.ai"),
        "traits": rules.WITH_TOP_K_TRAITS,
        "rules": rules.TOGETHER,
    },
    "fireworks-ai": {
        "names": ("fireworks",),
        "paths": ("accounts/fireworks/",),
        "traits": rules.WITH_TOP_K_TRAITS,
        "rules": rules.FIREWORKS,
    },
    "deepinfra": {"base_url": "https://api.deepinfra.com/v1/openai", "traits": rules.WITH_TOP_K_TRAITS},
    "novita-ai": {"names": ("novita",), "traits": rules.WITH_TOP_K_TRAITS},
    "huggingface": {"names": ("hf",)},
    "inference": {"names": ("inference.net",)},
    "azure": {
        "base_url": "https://${AZURE_RESOURCE_NAME}.openai.azure.com/openai/v1",
        "authentication": "api-key",
        "tiers": _GPT_TIERS,
        "traits": rules.AZURE_TRAITS,
        "rules": rules.AZURE,
    },
    "azure-cognitive-services": {
        "base_url": "https://${AZURE_COGNITIVE_SERVICES_RESOURCE_NAME}.services.ai.azure.com/openai/v1",
        "authentication": "api-key",
        "tiers": _GPT_TIERS,
        "traits": rules.AZURE_TRAITS,
        "rules": rules.AZURE,
    },
    "amazon-bedrock": {
        "base_url": "https://bedrock-runtime.${AWS_REGION}.amazonaws.com/openai/v1",
        "endpoints": {
            "anthropic": "https://bedrock-runtime.${AWS_REGION}.amazonaws.com/anthropic/v1",
            "converse": "https://bedrock-runtime.${AWS_REGION}.amazonaws.com",
        },
        "keys": ("AWS_BEARER_TOKEN_BEDROCK",),
        "names": ("bedrock", "aws-bedrock"),
        "aws": AwsAccess("bedrock", "EDGEWAY_BEDROCK", "UseBedrock"),
        "ids": "runtime",
        "tiers": _CLAUDE_TIERS,
        "rules": rules.BEDROCK_RUNTIME,
    },
    "bedrock-mantle": {
        "name": "Amazon Bedrock (mantle)",
        "base_url": "https://bedrock-mantle.${AWS_REGION}.api.aws/v1",
        "endpoints": {
            "anthropic": "https://bedrock-mantle.${AWS_REGION}.api.aws/anthropic/v1",
            "responses": "https://bedrock-mantle.${AWS_REGION}.api.aws/openai/v1",
        },
        "keys": ("AWS_BEARER_TOKEN_BEDROCK",),
        "names": ("mantle",),
        "aws": AwsAccess("bedrock-mantle", "EDGEWAY_BEDROCK", "UseBedrock"),
        "ids": "mantle",
        "lists_models_of": "amazon-bedrock",
        "tiers": _CLAUDE_TIERS,
        "rules": rules.BEDROCK,
    },
    "claude-platform-aws": {
        "name": "Claude Platform on AWS",
        "base_url": "https://aws-external-anthropic.${AWS_REGION}.api.aws/v1",
        "keys": ("ANTHROPIC_AWS_API_KEY",),
        "names": ("aws-external-anthropic",),
        "authentication": "x-api-key",
        "aws": AwsAccess("aws-external-anthropic", "EDGEWAY_CLAUDE_PLATFORM", "ClaudePlatformWorkspace"),
        "lists_models_of": "anthropic",
        "headers": {"anthropic-workspace-id": "${ANTHROPIC_AWS_WORKSPACE_ID}"},
        "dialect": "anthropic",
        "makes": ("claude",),
        "tiers": _CLAUDE_TIERS,
        "rules": rules.CLAUDE_PLATFORM,
    },
    "google-vertex": {"rules": rules.GOOGLE_VERTEX},
    "llama": {"makes": ("llama",)},
    # Their Responses are a part of OpenAI's: chat completions are what they are known by.
    "meta": {"dialect": "chat", "makes": ("muse",)},
    "vivgrid": {"dialect": "chat"},
    "xiaomi": {"makes": ("mimo",)},
    "nvidia": {"makes": ("nemotron",)},
    "upstage": {"makes": ("solar",)},
    "inception": {"makes": ("mercury",)},
    "aihubmix": {"base_url": "https://aihubmix.com/v1"},
    "v0": {"base_url": "https://api.v0.dev/v1", "makes": ("v0-",)},
    "venice": {"base_url": "https://api.venice.ai/api/v1"},
    # models.dev gives their endpoints for the Anthropic dialect, as it does for MiniMax.
    "kimi-for-coding": {"base_url": "https://api.kimi.com/coding/v1", "native": "x-api-key"},
    # Each model has one endpoint of three: https://opencode.ai/docs/zen
    "opencode": {"native": "x-api-key"},
    "opencode-go": {"native": "x-api-key"},
    "freemodel": {"base_url": "https://api.freemodel.dev/v1"},
    "thinkingmachines": {
        "base_url": "https://tinker.thinkingmachines.dev/services/tinker-prod/oai/api/v1",
        "makes": ("inkling",),
    },
    # Without chat completions: one answers OpenAI's Responses only, the other a client package of its own.
    "perplexity-agent": {"base_url": ""},
    "merge-gateway": {"base_url": ""},
    "ollama": {
        "name": "Ollama",
        "base_url": "http://127.0.0.1:11434/v1",
        "native": "bearer",
        "traits": rules.OLLAMA_TRAITS,
        "rules": rules.OLLAMA,
    },
    "lmstudio": {"name": "LM Studio", "traits": rules.LM_STUDIO_TRAITS},
    "vllm": {"name": "vLLM", "base_url": "http://127.0.0.1:8000/v1", "traits": rules.VLLM_TRAITS, "rules": rules.VLLM},
    "sglang": {
        "name": "SGLang",
        "base_url": "http://127.0.0.1:30000/v1",
        "traits": rules.OPEN_SERVER_TRAITS,
        "rules": rules.VLLM,
    },
    "llamacpp": {
        "name": "llama.cpp",
        "base_url": "http://127.0.0.1:8080/v1",
        "names": ("llama.cpp", "llama-cpp"),
        "traits": rules.OPEN_SERVER_TRAITS,
        "rules": rules.LLAMACPP,
    },
}
