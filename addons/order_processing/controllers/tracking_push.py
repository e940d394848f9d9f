import hmac
import logging
import re
from dataclasses import replace

import psycopg2
from werkzeug.exceptions import RequestEntityTooLarge

from odoo import fields
from odoo.http import Controller, Response, request, route
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..connectors.base import ConnectorError, connector_of
from ..models.order_tracking_secrets import digest_of

_logger = logging.getLogger(__name__)

MOST_BYTES = 2 * 1024 * 1024
ADDRESS = re.compile(r"(/order_tracking/push/\d+/)[^/?\s\"]+")


class WithoutToken(logging.Filter):
    """Takes the token out of addresses in the log of requests."""

    def filter(self, record):
        if isinstance(record.msg, str) and "/order_tracking/push/" in (message := record.getMessage()):
            record.msg, record.args = ADDRESS.sub(r"\1…", message), ()
        return True


logging.getLogger("werkzeug").addFilter(WithoutToken())


class TrackingPush(Controller):
    """Providers tell us of news. It is stored and answered; a scheduled action reads it."""

    # No user: an account and its token. Odoo would take a route without one for one that only reads.
    @route(
        "/order_tracking/push/<int:provider_id>/<token>",
        type="http",
        auth="none",
        methods=["POST"],
        csrf=False,
        save_session=False,
        readonly=False,
        max_content_length=MOST_BYTES,
    )
    def tracking_push(self, provider_id, token, **_form):
        env = request.env  # nobody is logged in; what comes is checked below
        try:
            facts = env["order.tracking.provider"]._push_facts(provider_id)
        except KeyError:
            return _refused(404)
        except ConnectorError:
            # Ours to mend: told 404, some providers would never come again.
            return _refused(503)
        if not hmac.compare_digest(digest_of(token), facts.digest):
            return _refused(404)
        http = request.httprequest
        try:
            raw, form = http.get_data(cache=True), http.form.to_dict()
        except RequestEntityTooLarge:
            return _refused(413)
        headers = {name.lower(): value for name, value in http.headers.items()}
        settings = replace(facts.settings, now=fields.Datetime.now())
        connector = connector_of(facts.kind)(settings, facts.secrets)
        if not _is_signed(connector, headers, raw, form):
            _logger.info(
                "A message pushed for tracking account %s is not signed as it should be", provider_id
            )
            return _refused(403)
        return _answer(connector.ack(_is_stored(env, provider_id, raw, form, headers, facts)))


def _is_signed(connector, headers, raw, form):
    try:
        return connector.verify(headers, raw, form) is True
    except Exception as error:  # noqa: BLE001  whatever was sent, it was not what the connector knows
        _logger.warning("A pushed message cannot be checked: %s", type(error).__name__)
        return False


def _is_stored(env, provider_id, raw, form, headers, facts):
    try:
        env["order.tracking.inbox"]._store(provider_id, raw, form, headers, facts.secrets.values())
    except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
        raise  # Odoo begins the request again
    except psycopg2.Error as error:
        env.cr.rollback()
        _logger.error("A pushed message could not be stored: %s", type(error).__name__)
        return False
    return True


def _refused(status):
    return Response(status=status, content_type="text/plain")


def _answer(ack):
    return Response(ack.body, status=ack.status, content_type=ack.content_type)
