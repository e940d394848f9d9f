"""Sending a connector's calls over the network, and nothing but what it asked for.

Addresses, headers and bodies may hold keys and customers' phone numbers: what is said of an error is a code
and, at most, the name of the exception.
"""

import codecs
import socket
import threading
import time
from contextlib import contextmanager, suppress
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from ..connectors.base import ConnectorError, Response, Trouble

CONNECT_SECONDS, READ_SECONDS = 5, 20
# A server that sends a byte every ten seconds never times out by itself: it is cut off.
WHOLE_SECONDS = 60
MOST_BYTES = 8 * 1024 * 1024
MOST_REDIRECTS = 3
CHUNK = 64 * 1024
TIMEOUT = "timeout"
AGENT = "Odoo order processing"
# Where a redirect is the same call elsewhere; the others would turn a POST into a GET.
SAME_CALL = {307, 308}
AS_GET = {301, 302, 303, 307, 308}
TEXT = ("json", "text/", "xml", "javascript", "x-www-form-urlencoded")
PORTS = {"http": 80, "https": 443}


def session():
    """Return a session that sends no credentials but the connector's: none of ~/.netrc, no cookies kept."""
    new = requests.Session()
    for scheme in ("http://", "https://"):
        new.mount(scheme, Adapter())
    new.auth = _unchanged
    new.headers["User-Agent"] = AGENT
    return new


def _unchanged(request):
    return request


def send(request, using=None):
    """Send one call of a connector and return the answer; raises ``ConnectorError`` where there is none."""
    own = None if using else session()
    try:
        return _send(request, using or own)
    finally:
        if own:
            own.close()


def _send(request, using):
    deadline = time.monotonic() + WHOLE_SECONDS
    try:
        with cut_off_after(WHOLE_SECONDS):
            return _exchange(request, using, deadline)
    finally:
        # What was cut off may look like an answer, or like another error.
        if time.monotonic() > deadline:
            raise ConnectorError(Trouble.RETRY_LATER, TIMEOUT) from None


def _exchange(request, using, deadline):
    url, params = request.url, request.params
    for _hop in range(MOST_REDIRECTS + 1):
        try:
            using.cookies.clear()
            with using.request(
                request.method,
                url,
                params=params,
                data=request.body,
                headers=dict(request.headers),
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
                verify=True,
            ) as reply:
                if reply.status_code in AS_GET and reply.headers.get("Location"):
                    url, params = _redirected(request, reply), None
                    continue
                return _read(reply, deadline)
        except requests.exceptions.SSLError as error:
            raise _trouble(Trouble.RETRY_LATER, "tls", error) from None
        except requests.exceptions.Timeout as error:
            raise _trouble(Trouble.RETRY_LATER, TIMEOUT, error) from None
        except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema) as error:
            raise _trouble(Trouble.BAD_REQUEST, "address", error) from None
        except (requests.exceptions.RequestException, OSError, ValueError) as error:
            # ``from None``: the texts of these hold the address, and with it the key of some providers.
            raise _trouble(Trouble.RETRY_LATER, "connection", error) from None
    raise ConnectorError(Trouble.MALFORMED, "redirects")


# ---------------------------------------------------------------- no longer than
_watched = threading.local()


class _Watched:
    """A connection of which is known which thread waits for it."""

    def connect(self):
        # Before: who answers slowly may do so while it is still agreed how to encrypt.
        getattr(_watched, "connections", []).append(self)
        return super().connect()


class Pool(HTTPConnectionPool):
    ConnectionCls = type("Connection", (_Watched, HTTPConnectionPool.ConnectionCls), {})


class SecurePool(HTTPSConnectionPool):
    ConnectionCls = type("SecureConnection", (_Watched, HTTPSConnectionPool.ConnectionCls), {})


class Adapter(HTTPAdapter):
    """Makes connections that can be cut off, through a proxy as well."""

    def init_poolmanager(self, *arguments, **options):
        result = super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": SecurePool}
        return result

    def proxy_manager_for(self, *arguments, **options):
        manager = super().proxy_manager_for(*arguments, **options)
        manager.pool_classes_by_scheme = {"http": Pool, "https": SecurePool}
        return manager


@contextmanager
def cut_off_after(seconds):
    """Close what this thread opens meanwhile when the time is over, whatever is still being sent on it."""
    _watched.connections = connections = []
    timer = threading.Timer(seconds, _cut_off, [connections])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        _watched.connections = []


def _cut_off(connections):
    for connection in connections:
        # It may be closed already, or be so at this moment.
        with suppress(OSError, AttributeError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _trouble(trouble, code, error):
    return ConnectorError(trouble, f"{code}: {type(error).__name__}")


def _redirected(request, reply):
    """Return where else on the same server it is; nothing is sent anywhere else."""
    target = urljoin(reply.url, reply.headers["Location"])
    if _server(target) != _server(reply.url):
        raise ConnectorError(Trouble.MALFORMED, "redirect")
    if request.method.upper() not in ("GET", "HEAD") and reply.status_code not in SAME_CALL:
        raise ConnectorError(Trouble.MALFORMED, "redirect")
    return target


def _server(url):
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)


def _read(reply, deadline):
    headers = {name.lower(): value for name, value in reply.headers.items()}
    told = headers.get("content-length", "")
    if told.isdigit() and int(told) > MOST_BYTES:
        raise ConnectorError(Trouble.MALFORMED, "too_large")
    body = bytearray()
    for chunk in reply.iter_content(CHUNK):
        body += chunk
        if len(body) > MOST_BYTES:
            raise ConnectorError(Trouble.MALFORMED, "too_large")
        if time.monotonic() > deadline:
            raise ConnectorError(Trouble.RETRY_LATER, TIMEOUT)
    # ``requests`` takes a body that ends early for whole where the reply is not encoded.
    if told.isdigit() and "content-encoding" not in headers and len(body) < int(told):
        raise ConnectorError(Trouble.RETRY_LATER, "connection: cut off")
    return Response(reply.status_code, headers, _readable(reply.status_code, bytes(body), headers))


def _readable(status, body, headers):
    try:
        return readable(body, headers.get("content-type", ""))
    except ConnectorError:
        if 200 <= status < 300:
            raise
        return body  # what the status says counts, however its page is written


def readable(body, content_type):
    """Return a body as UTF-8 where it is text, whatever the header says it is in; else it cannot be read."""
    kind, _semicolon, rest = content_type.lower().partition(";")
    if kind and not any(part in kind for part in TEXT):
        return body
    if _is_utf8(body):
        return body.removeprefix(codecs.BOM_UTF8)
    try:
        return body.decode(_charset(rest)).encode()
    except (LookupError, UnicodeError):
        raise ConnectorError(Trouble.MALFORMED, "charset") from None


def _is_utf8(body):
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _charset(parameters):
    for parameter in parameters.split(";"):
        name, _equals, value = parameter.strip().partition("=")
        if name == "charset":
            return value.strip("\"' ")
    return "utf-8"


# ---------------------------------------------------------------- what a status means
TROUBLES = {
    400: Trouble.BAD_REQUEST,
    401: Trouble.AUTH,
    402: Trouble.QUOTA,
    403: Trouble.AUTH,
    407: Trouble.RETRY_LATER,
    408: Trouble.RETRY_LATER,
    413: Trouble.BAD_REQUEST,
    422: Trouble.BAD_REQUEST,
    425: Trouble.RETRY_LATER,
    429: Trouble.RATE,
}
# A provider asked for one number may say "404": connectors read that themselves.
READ_BY_CONNECTORS = frozenset({404})


def trouble_of(response, read=READ_BY_CONNECTORS):
    """Return what is wrong with an answer by its status and its looks: (trouble, code), or None."""
    status = response.status
    if 200 <= status < 300:
        if _is_page(response):
            return Trouble.MALFORMED, "html"
        return None
    if status in read:
        return (Trouble.MALFORMED, "html") if _is_page(response) else None
    return TROUBLES.get(
        status, Trouble.RETRY_LATER if status >= 500 else Trouble.BAD_REQUEST
    ), f"http_{status}"


def _is_page(response):
    """Tell whether it is a page for people: of a proxy, a login, a provider's maintenance."""
    beginning = response.body[:200].lstrip().lower()
    return beginning.startswith((b"<!doctype html", b"<html")) or (
        "text/html" in response.headers.get("content-type", "") and not beginning.startswith((b"{", b"["))
    )
