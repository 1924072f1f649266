"""The error that all others are."""

from collections.abc import Mapping, Sequence

Fields = Mapping[str, Sequence[str]]


class GatewayError(Exception):
    """Something went wrong."""

    code = "internal_error"
    status = 500
    retryable = False

    def __init__(
        self,
        message: str = "",
        *,
        fields: Fields | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.fields = {name: list(texts) for name, texts in (fields or {}).items()}
        self.retry_after = retry_after
