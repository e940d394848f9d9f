import base64
import binascii

from odoo import api, fields, models
from odoo.tools import format_datetime

# A page is read by people; what is longer stands in the database.
LONGEST = 20_000


class OrderTrackingInbox(models.Model):
    """What the page of a pushed message shows."""

    _inherit = "order.tracking.inbox"

    content = fields.Text("What it says", compute="_compute_content", exportable=False)
    can_read_again = fields.Boolean(compute="_compute_can_read_again")

    @api.depends("provider_id.name", "received_at")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for message in self:
            when = format_datetime(self.env, message.received_at, dt_format="short")
            message.display_name = f"{message.provider_id.name}, {when}"

    @api.depends("raw", "form")
    def _compute_content(self):
        for message in self.with_context(bin_size=False):
            try:
                text = base64.b64decode(message.raw or b"").decode("utf-8", "replace")
            except binascii.Error:
                text = ""
            lines = [f"{name} = {value}" for name, value in (message.form or {}).items()]
            message.content = "\n".join(filter(None, (text, *lines)))[:LONGEST].replace("\x00", "")

    @api.depends("state", "raw", "form")
    def _compute_can_read_again(self):
        for message in self:
            is_left = message.state in ("failed", "unknown") or bool(message.error)
            message.can_read_again = is_left and bool(message.raw or message.form)
