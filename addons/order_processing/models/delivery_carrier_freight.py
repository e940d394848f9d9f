import logging
import time
from collections import namedtuple
from contextlib import nullcontext

import psycopg2
import requests

from odoo import fields, models
from odoo.exceptions import UserError

from ..engine.freight import parcel_count

# What is to be priced; value in the company's currency.
Goods = namedtuple("Goods", "value weight volume quantity weight_volume")

_logger = logging.getLogger(__name__)

# These are computed here; all others ask a server of the carrier.
OWN_TYPES = ("fixed", "base_on_rule")
# So long one comparison may wait for carriers' servers, all together.
ASK_SECONDS = 20


class DeliveryCarrier(models.Model):
    """What sending something with a carrier costs us."""

    _inherit = "delivery.carrier"

    is_compared = fields.Boolean(
        "Compare the cost",
        default=True,
        help="Offered when carriers are compared, and taken where the cheapest is chosen. Not for what the"
        " customer has to choose, as collecting it himself.",
    )
    parcel_type_id = fields.Many2one(
        "stock.package.type",
        "Usual parcel",
        help="Heavier goods than it may hold are counted as several parcels.",
    )
    bill_partner_id = fields.Many2one(
        "res.partner",
        "Bills come from",
        index="btree_not_null",
        help="The vendor whose bills are for this method; several methods may be on one bill.",
    )

    def _is_external(self):
        """Tell whether the price comes from a server of the carrier: slow, and not always there."""
        return self.delivery_type not in (*OWN_TYPES, "in_store")

    def _is_collected(self):
        """Tell whether the customer fetches it, or has to choose the place himself."""
        return (
            self.delivery_type == "in_store"
            or bool(getattr(self, f"{self.delivery_type}_use_locations", False))
            or ("is_mondialrelay" in self._fields and self.is_mondialrelay)
        )

    def _parcels(self, weight):
        """Return how many parcels goods of this weight make with this carrier."""
        limits = [limit for limit in (self.parcel_type_id.max_weight, self.max_weight) if limit]
        return parcel_count(weight, min(limits, default=0.0))

    def _compared(self, company):
        """Return the methods that are offered to the company when carriers are compared."""
        return self.search([*self._check_company_domain(company), ("is_compared", "=", True)])

    def _on_one_bill(self):
        """Return all methods whose parcels stand on the same bills."""
        self.ensure_one()
        if not self.bill_partner_id:
            return self
        domain = [("bill_partner_id", "=", self.bill_partner_id.id)]
        return self | self.with_context(active_test=False).search(domain)

    # ---------------------------------------------------------------- the carrier's own price
    def _carrier_price(self, order):
        """Return ``(price in the order's currency or None, code, sentence)`` of the carrier itself.

        Without what the customer is charged extra for it, or forgiven. A price of 0 that is only what the
        customer pays says nothing about what it costs.
        """
        try:
            # What is computed here only reads, for many orders at once.
            with self.env.cr.savepoint() if self._is_external() else nullcontext():
                answer = self._rate_without_extras(order)
        except UserError as error:
            return None, "error", str(error)
        except psycopg2.Error:
            raise  # the database, not the carrier: the transaction is tried again
        except (requests.Timeout, TimeoutError):
            return None, "timeout", self.env._("%s did not answer in time.", self.name)
        except requests.RequestException:
            return None, "error", self.env._("%s cannot be reached.", self.name)
        except Exception:
            # Whatever a carrier's connector does, the other offers are still worth seeing.
            _logger.warning("Asking %s for a price failed", self.name, exc_info=True)
            return None, "error", self.env._("%s gave no usable answer.", self.name)
        return self._read_answer(answer)

    def _rate_without_extras(self, order):
        """Return what the method answers before Odoo adds margins, or makes it free."""
        method = getattr(self, f"{self.delivery_type}_rate_shipment", None)
        return method(order) if method else {"success": False}

    def _read_answer(self, answer):
        if not answer.get("success"):
            return None, "error", answer.get("error_message") or self.env._("%s gave no price.", self.name)
        if not answer.get("price") and not self._is_external():
            return None, "unknown", False
        return answer["price"], "quote" if self._is_external() else "price", False

    def _price_of_goods(self, goods, company):
        """Return what the method's rules say of these goods, in the company's currency; None for nothing.

        Odoo asks them about whole orders only.
        """
        # Rules are in the currency of the method's company, as Odoo takes it.
        own = (self.company_id or self.env["res.company"]._get_main_company()).currency_id
        today = fields.Date.context_today(self)
        value = company.currency_id._convert(goods.value, own, company, today)
        try:
            price = self._get_price_from_picking(
                value, goods.weight, goods.volume, goods.quantity, wv=goods.weight_volume
            )
        except UserError:
            return None  # no rule is for this
        return own._convert(price, company.currency_id, company, today) or None

    def _ask(self, order, until):
        """Ask the carrier's server, unless the time that may be waited is over."""
        if time.monotonic() > until:
            return None, "timeout", self.env._("Not asked: the others took too long to answer. Try again.")
        return self._carrier_price(order)

    # ---------------------------------------------------------------- what a label really cost
    def send_shipping(self, pickings):
        """Keep the exact price before Odoo adds what the customer is charged extra."""
        result = super().send_shipping(pickings)
        if self._is_external():
            for picking, answer in zip(pickings, result or (), strict=False):
                picking._note_exact_price(answer.get("exact_price"))
        return result
