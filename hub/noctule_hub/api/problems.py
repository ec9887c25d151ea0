"""Errors as problem documents (RFC 9457) that carry the one error shape of `noctule_shared.errors`."""

import math
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web
from noctule_shared.errors import ErrorBody, ErrorCode, Refused

STATUS_BY_CODE: Final[dict[ErrorCode, HTTPStatus]] = {
    ErrorCode.UNAUTHORISED: HTTPStatus.UNAUTHORIZED,
    ErrorCode.FORBIDDEN: HTTPStatus.FORBIDDEN,
    ErrorCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorCode.INVALID: HTTPStatus.BAD_REQUEST,
    ErrorCode.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorCode.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ErrorCode.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
}
PROBLEM_TYPE: Final = "application/problem+json"
_CODE_BY_STATUS: Final = {int(status): code for code, status in STATUS_BY_CODE.items()}


class Problem(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A problem document. `detail` and `message` say the same: one for RFC 9457, one for our own clients."""

    type: str
    title: str
    status: int
    detail: str
    code: ErrorCode
    message: str
    field: str | None = None
    retry_after_s: float | None = None
    incident: str | None = None


def problem_response(body: ErrorBody, *, status: int | None = None, incident: str | None = None) -> web.Response:
    """Return an error as a response; `status` overrides the one that follows from the code."""
    number = status if status is not None else STATUS_BY_CODE[body.code]
    problem = Problem(
        type="about:blank",
        title=_title(number),
        status=int(number),
        detail=body.message,
        code=body.code,
        message=body.message,
        field=body.field,
        retry_after_s=body.retry_after_s,
        incident=incident,
    )
    response = web.Response(
        status=int(number),
        body=msgspec.json.encode(problem),
        content_type=PROBLEM_TYPE,
    )
    if body.retry_after_s is not None:
        response.headers["Retry-After"] = str(max(1, math.ceil(body.retry_after_s)))
    if int(number) == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def refusal_response(refusal: Refused) -> web.Response:
    """Return a refusal as a response."""
    return problem_response(refusal.body())


def http_error_response(error: web.HTTPException, *, method: str, path: str) -> web.Response:
    """Return what aiohttp itself refused (no route, wrong method, too large, malformed) as a problem document."""
    code = _CODE_BY_STATUS.get(error.status, ErrorCode.INVALID)
    match error:
        case web.HTTPNotFound():
            message = f"there is nothing at {path[:200]}"
        case web.HTTPMethodNotAllowed():
            message = f"{method[:20]} is not possible here; allowed: {', '.join(sorted(error.allowed_methods))}"
        case web.HTTPRequestEntityTooLarge():
            message = "the body is larger than 1 MB; send less at once"
        case _:
            message = _title(error.status)
    response = problem_response(ErrorBody(code, message), status=error.status)
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


def malformed_response(status: int) -> web.Response:
    """Return what is said of bytes that are no proper HTTP: nothing of them is repeated."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return problem_response(ErrorBody(ErrorCode.BUSY, "the hub failed at this; its log says more"), status=status)
    message = "the request is no proper HTTP: its line, a header or the way its body is sent is malformed or too long"
    return problem_response(ErrorBody(_CODE_BY_STATUS.get(status, ErrorCode.INVALID), message), status=status)


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
