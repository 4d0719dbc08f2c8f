"""The routes, by hand: method and path, and the function that each reaches."""

STREAMED = {
    ("post", "/v1/messages"): "MessagesFunction",
    ("post", "/messages"): "MessagesFunction",
    ("post", "/v1/v1/messages"): "MessagesFunction",
    ("post", "/anthropic/v1/messages"): "MessagesFunction",
    ("post", "/api/v1/messages"): "MessagesFunction",
}
WHOLE = {
    ("post", "/v1/messages/count_tokens"): "CountTokensFunction",
    ("post", "/messages/count_tokens"): "CountTokensFunction",
    ("post", "/v1/v1/messages/count_tokens"): "CountTokensFunction",
    ("post", "/anthropic/v1/messages/count_tokens"): "CountTokensFunction",
    ("post", "/api/v1/messages/count_tokens"): "CountTokensFunction",
    ("get", "/v1/models"): "ModelsFunction",
    ("get", "/v1/models/{model_id+}"): "ModelsFunction",
    ("get", "/models"): "ModelsFunction",
    ("get", "/models/{model_id+}"): "ModelsFunction",
    ("get", "/v1/usage"): "UsageFunction",
}
OPEN = {
    ("get", "/"): "HealthFunction",
    ("head", "/"): "HealthFunction",
    ("get", "/api/hello"): "HealthFunction",
    ("head", "/api/hello"): "HealthFunction",
}
