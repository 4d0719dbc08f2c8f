"""The corpus of wordings: refusals that say a request does not fit, and refusals that only sound like it (mode 7)."""
# ruff: noqa: RUF001 -- the corpus has the punctuation of its languages

TOO_LONG = (
    # with both numbers, 150000 and 128000, in any order
    "Prompt too long: 150000 tokens exceeds max context window of 128000 tokens",
    (
        "The decoder prompt (length 150000) is longer than the maximum model length of 128000. Make sure that "
        "`max_model_len` is no smaller than the number of text tokens plus multimodal tokens."
    ),
    (
        "The prompt (total length 150000) is too long to fit into the model (context length 128000). Make sure that "
        "`max_model_len` is no smaller than the number of text tokens plus multimodal tokens."
    ),
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 150000 tokens.",
    "Input tokens exceed the configured limit of 128000 tokens. Your messages resulted in 150000 tokens.",
    "Requested 150000 tokens but the model only has a context of 128000",
    "input_tokens 150000 exceeds the limit 128000",
    "too many input tokens. Max input tokens: 128000, request input token count: 150000",
    "Too many input tokens: 150000. The maximum is 128000.",
    "prompt length 150000 > context 128000",
    "Sequence length 150000 > max_seq_len 128000",
    (
        "Token indices sequence length is longer than the specified maximum sequence length for this model "
        "(150000 > 128000)"
    ),
    "Prompt length 150000 is greater than max_seq_len 128000",
    "Prompt length should not exceed 128000, but got 150000",
    "the sum of prompt length (150000.0), query length (0) should not exceed max_num_tokens (128000)",
    "Your prompt contains 150000 tokens, which is more than the 128000 tokens that this model allows",
    "The model supports a context of at most 128000 tokens; this conversation has 150000 tokens",
    "Conversation too long (150000 tokens). Limit: 128000 tokens.",
    "Limit of 128000 tokens exceeded: the input has 150000 tokens",
    "Context window of 128000 tokens is too small for the prompt of 150000 tokens",
    "Request has 150000 tokens, maximum 128000 tokens",
    "Your request was 150000 tokens, over the 128000 token context limit",
    "The input is 150000 tokens long, but the model can take only 128000 tokens",
    "cannot fit 150000 prompt tokens into the context window of 128000 tokens",
    "prompt does not fit: it has 150000 tokens and n_ctx is 128000",
    "Error: prompt (150000 tokens) does not fit into context (128000 tokens)",
    "slot context is 128000 tokens, the request needs 150000 tokens: context limit exceeded",
    "ValidationException: input length of 150000 exceeds maximum context of 128000",
    "Input token count of 150000 exceeds the max token limit of 128000",
    "messages too long: 150000 tokens, model limit 128000 tokens",
    "max_prompt_tokens exceeded: the prompt has 150000 tokens, the limit is 128000",
    "400 Bad Request: the maximum prompt size is 128000 tokens but 150000 prompt tokens were sent",
    "The number of input tokens (150000) is larger than the model's context size (128000)",
    "You have reached the maximum context length. Current: 150000 tokens, maximum: 128000 tokens.",
    "n_tokens = 150000 exceeds n_ctx = 128000",
    "Requested tokens (150000) exceed context window of 128000",
    "请求的输入 token 数量 150000 超过了模型的最大上下文长度 128000",
    "输入长度为150000，超过最大限制128000",
    "上下文超长：当前 150000 tokens，最大 128000 tokens",
    "Die Eingabe hat 150000 Tokens und überschreitet das Maximum von 128000 Tokens",
    "Le prompt contient 150000 jetons et dépasse la limite de 128000 jetons",
    "La entrada de 150000 tokens supera el máximo de 128000 tokens",
    "O prompt de 150000 tokens excede o limite de 128000 tokens",
    "入力は150000トークンで、最大コンテキスト長128000を超えています",
)
"""Each names the prompt's 150000 tokens and the window's 128000."""

WITHOUT_NUMBERS = (
    "Your input exceeds this model's context window. Please adjust your input and try again.",
    "Total tokens of image and text exceed max message tokens",
    "input is too long for requested model",
    "Input is too long for requested model.",
    "Input Tokens Exceeded: Number of input tokens exceeds maximum length. Please update the input to try again.",
    "prompt is too long",
    "The prompt is too large",
    "Prompt 超长",
    "Prompt exceeds max length",
    "This conversation is too long. Start a new one.",
    "message is too long for this model",
    "The request exceeds the context size",
    "context size has been exceeded",
    "context overflow",
    "The context is full and does not fit any more tokens: limit reached",
    "Maximum context length exceeded",
    "Context length exceeded",
    "Exceeded the context limit of the model",
    "context window exceeds limit",
    "too many tokens in prompt",
    "too many tokens",
    "Too many input tokens",
    "token limit exceeded",
    "The token count exceeds the limit",
    "Token count exceeded",
    "input length exceeds the maximum",
    "Input length is over the limit of the model",
    "The input is longer than what the model can take",
    "The messages are too long to fit in the model's window",
    "Your prompt is larger than the model's maximum input size",
    "The text you sent is too long",
    "Request too long",
    "Sequence too long for model",
    "the prompt would not fit into the context",
    "The history of this conversation no longer fits into the context window",
    "the number of tokens in the prompt is greater than the maximum",
    "The model's context window was exceeded by the prompt.",
    "Prompt tokens exceed the maximum sequence length",
    "max context length reached",
    "The prompt is longer than the model's context length.",
    "request exceeds model max length",
    "Your messages exceed the maximum length that this model supports.",
    "输入内容过长",
    "输入内容过长，请缩短后重试",
    "输入长度超过最大限制",
    "上下文长度超限",
    "Token 数量超出模型限制",
    "请求内容超出模型最大上下文长度",
    "对话过长",
    "提示过长",
    "入力が長すぎます",
    "最大コンテキスト長を超えました",
    "입력이 너무 깁니다",
    "컨텍스트 길이를 초과했습니다",
    "Die Eingabe ist zu lang für dieses Modell",
    "Der Kontext ist zu lang",
    "Le prompt est trop long",
    "La longueur du contexte dépasse le maximum",
    "La entrada es demasiado larga",
    "El contexto supera la longitud máxima",
    "O prompt excede o limite do modelo",
    "Il contesto supera la lunghezza massima",
    "Длина контекста превышает максимум",
    "Запрос слишком длинный",
    "Request body too large for gpt-4o model. Max size: 8000 tokens.",
    "Malformed input request: the prompt is too long, please reformat your input and try again.",
    "Invalid request: total tokens exceed the limit of this model",
    "Unprocessable: prompt token limit exceeded",
    "InternalError.Algo.InvalidParameter: Range of input length should be [1, 98304]",
    "<400> InternalError.Algo.InvalidParameter: input length too long",
    "Failed to generate: the context is too small for this prompt, maximum reached",
)

BY_CODE = (
    "context_length_exceeded",
    "exceed_context_size_error",
    "context_window_exceeded",
    "ContextWindowExceededError",
    "prompt_too_long",
    "input_too_long",
    "tokens_limit_reached",
    "token_limit_exceeded",
    "PromptTooLong",
    "input_tokens_exceeded",
    "max_tokens_exceeded",
    "context_overflow",
)
"""Codes that say it where the words do not."""

ANSWER_TOO_LONG = (
    (
        "This model's maximum context length is 131072 tokens. However, you requested 32000 output "
        "tokens and your prompt "
        "contains at least 100000 input tokens, for a total of at least 132000 tokens. Please reduce the length of the "
        "input prompt or the number of requested output tokens. (parameter=input_tokens, value=100000)"
    ),
    "max_tokens (32000) + input tokens (100000) exceeds context length (131072)",
    "input tokens (100000) + max_tokens (32000) exceeds context length (131072)",
    "input length and `max_tokens` exceed context limit: 100000 + 32000 > 131072",
    "The prompt has 100000 tokens and 32000 completion tokens were requested: that is more than the window of 131072",
    "Requested a total of 132000 tokens: 100000 prompt tokens, 32000 completion tokens. Maximum context: 131072",
    "the context window is only 131072; the request asks for 32000 output tokens with 100000 prompt tokens",
    "100000 input tokens and 32000 output tokens do not fit into a context of 131072 tokens",
    "The total of 132000 tokens (100000 in the prompt, 32000 in the completion) exceeds the context limit of 131072",
    "`inputs` tokens + `max_new_tokens` must be <= 131072. Given: 100000 `inputs` tokens and 32000 `max_new_tokens`",
    (
        "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context "
        "length is 131072 tokens "
        "and your request has 100000 input tokens (32000 > 131072 - 100000)."
    ),
    (
        "maximum context length is 131072 tokens, however you requested 132000 tokens (100000 in your "
        "prompt; 32000 for "
        "the completion)"
    ),
)
"""Each names a prompt of 100000 tokens, an answer of 32000 and a window of 131072."""

SOMETHING_ELSE = (
    # the answer's own limit
    "max_tokens is too large: 32000. This model supports at most 16384 completion tokens, whereas you provided 32000.",
    "max_tokens must be less than or equal to 8192",
    (
        "`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the "
        "`context_window` for this model"
    ),
    "max_tokens: 64000 > 32000, which is the maximum allowed number of output tokens for this model",
    "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]",
    "max_completion_tokens exceeds the maximum of 32768",
    "The maximum tokens you requested exceeds the model limit of 4096.",
    # one field
    (
        "Invalid 'tools[0].function.description': string too long. Expected a string with maximum "
        "length 1024, but got a "
        "string with length 1300 instead."
    ),
    "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length 200.",
    "messages[3].content[0].text is too long",
    "The tool name is too long (maximum 64 characters)",
    "user id must be at most 64 characters long",
    "metadata value too long: at most 512 characters",
    "prompt_cache_key: string too long, maximum length 64",
    "stop: at most 4 sequences are allowed",
    "Input should be less than or equal to 2",
    "Input validation error: `temperature` must be less than 2",
    "temperature exceeds the maximum of 2",
    "top_logprobs must be at most 20",
    "tool_call_id is longer than 9 characters",
    "The description of function `f` exceeds the maximum length of 1024",
    "thinking.budget_tokens: must be less than max_tokens",
    "JSON schema exceeds the maximum nesting depth of 5",
    "The schema has more than 100 properties, which exceeds the limit",
    "enum values exceed the maximum length",
    "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    "URL is too long",
    "Request header too large",
    "filename is longer than allowed",
    "The grammar is too large",
    # pictures and files
    "messages.1.content.0.image.source.base64: image exceeds 5 MB maximum: 6291456 bytes > 5242880 bytes",
    "At most 5 images may be provided in one request.",
    "The image is too large: at most 8000 pixels in each dimension",
    "Too many images: the maximum is 20",
    "image dimensions exceed max allowed size: 8000 pixels",
    "File too large: the limit is 10 MB",
    "The PDF has more than 100 pages, the maximum",
    "A maximum of 100 PDF pages may be provided.",
    "audio is longer than 30 minutes",
    "video too long",
    # numbers of things
    "too many tools: at most 128",
    "At most 64 functions can be given",
    "n must be at most 8",
    "too many stop sequences",
    "too many tool calls in one message",
    # rates, accounts
    "Rate limit reached for gpt-4.1 on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000.",
    "Rate limit exceeded: too many tokens per minute",
    "You exceeded your current token quota",
    "Your account has exceeded its monthly token limit",
    "Too many requests: the limit is 10 per second",
    "concurrency limit exceeded",
    "Requests to this model exceed the limit of 10 per minute",
    "Your credit balance is too low: at most 100 tokens",
    "daily token limit exceeded",
    "The request exceeds the output tokens per minute limit",
    "请求频率超过限制",
    "您的配额已超出限制",
    # time, and other tokens
    "The request took too long",
    "Streaming is required for operations that may take longer than 10 minutes",
    "Request timed out: the model took longer than 60 seconds",
    "invalid token",
    "token expired: it is older than the maximum of 60 minutes",
    "Unexpected token < in JSON at position 4096",
    "access token too long",
    # nothing of the kind
    "context_management: Extra inputs are not permitted",
    "Conversation roles must alternate user/assistant/user/assistant",
    "The model does not exist",
    "Invalid message role",
    "Unsupported parameter: 'max_tokens'",
    "messages: at least one message is required",
    "The prompt was flagged by the filter",
    "Failed to parse the request",
    "Missing required parameter: 'messages[0].content'",
    "does not support context caching",
    "The input text is in a language that is not supported",
)
