import base64
import csv
import io
from contextlib import contextmanager
from unittest.mock import patch

from odoo.fields import Command

from .common_promise import PromiseCase


class FreightCompany:
    """Lamps & Mugs sends with the *post* (4.00, two days), a *courier* (9.00, one day), *slow* (2.00, six).

    What they cost is in its freight rates; all may take any order. Bills of the post come from its vendor.
    """

    @classmethod
    def carriers_with_rates(cls):
        cls.env["delivery.carrier"].search([]).action_archive()
        cls.zone = cls.env["order.freight.zone"].create(
            {"name": "Great Britain", "country_ids": [Command.link(cls.gb.id)]}
        )
        cls.postman = cls.env["res.partner"].create({"name": "Royal Post Ltd"})
        cls.post = cls.carrier("Post", 4.0, 2, per_kg=0.5, bill_partner_id=cls.postman.id)
        cls.courier = cls.carrier("Courier", 9.0, 1)
        cls.slow = cls.carrier("Slow", 2.0, 6)
        cls.company.write(
            {"freight_mode": "choose", "freight_tolerance": 0.5, "freight_tolerance_percent": 0.0}
        )

    @classmethod
    def carrier(cls, name, cost=None, days=1, per_kg=0.0, **vals):
        """Return a method with a price list of its own for customers, and our rate for it."""
        product = cls.product(f"SHIP-{name}", 7.5, type="service", is_storable=False, name=name)
        carrier = cls.env["delivery.carrier"].create(
            {"name": name, "product_id": product.id, "delivery_type": "fixed", **vals}
        )
        if cost is not None:
            cls.env["order.freight.rate"].create(
                {
                    "zone_id": cls.zone.id,
                    "carrier_id": carrier.id,
                    "fixed_cost": cost,
                    "cost_per_kg": per_kg,
                    "transit_days": days,
                }
            )
        return carrier

    @classmethod
    def sent(cls, number, *lines, carrier=None, **vals):
        """Return the shipment of an order that has left with this tracking number."""
        order = cls.order(*(lines or [(cls.mug, 2)]), **vals)
        order.sudo().picking_ids.write(
            {"carrier_tracking_ref": number, "carrier_id": (carrier or cls.post).id}
        )
        cls.ship(order)
        return order.sudo().shipment_ids

    # ---------------------------------------------------------------- bills
    @classmethod
    def bill(cls, *lines, number="B-1", declared=None, check=True, **vals):
        """Return a bill of the post with lines of tracking number, service, amount (and currency)."""
        currencies = {"GBP": cls.currency}
        line_vals = []
        for row, (tracking, service, amount, *currency) in enumerate(lines, 1):
            code = currency[0] if currency else "GBP"
            currencies.setdefault(code, cls.env.ref(f"base.{code}"))
            line_vals.append(
                Command.create(
                    {
                        "row_number": row,
                        "tracking_number": tracking,
                        "service": service,
                        "amount": amount,
                        "currency_id": currencies[code].id,
                    }
                )
            )
        totals = {"GBP": sum(line[2] for line in lines)} if declared is None else declared
        bill = (
            cls.env["order.freight.bill"]
            .with_user(cls.anna)
            .create(
                {
                    "name": number,
                    "carrier_id": cls.post.id,
                    "line_ids": line_vals,
                    "total_ids": [
                        Command.create(
                            {"currency_id": cls.env.ref(f"base.{code}").id, "declared": round(total, 2)}
                        )
                        for code, total in totals.items()
                    ],
                    **vals,
                }
            )
        )
        if check:
            bill.action_check()
        return bill

    @staticmethod
    def verdicts(bill):
        return [(line.tracking_number or "", line.verdict) for line in bill.line_ids.sorted("row_number")]

    @classmethod
    def csv_file(cls, *rows, **how):
        out = io.StringIO(newline="")
        csv.writer(out, **how).writerows(rows)
        return out.getvalue().encode()

    @classmethod
    def importing(cls, content, by=None, declared=None, **vals):
        """Return the import of a file, as the form fills it in."""
        wizard = (
            cls.env["order.freight.bill.import"]
            .with_user(by or cls.anna)
            .new(
                {
                    "carrier_id": cls.post.id,
                    "company_id": cls.company.id,
                    "currency_id": cls.currency.id,
                    "name": "F-1",
                    "date": cls.today.date(),
                    "file_name": "bill.csv",
                    **vals,
                    "file_data": base64.b64encode(content),
                }
            )
        )
        wizard._onchange_carrier_id()
        values = wizard._convert_to_write(wizard._cache)
        values["total_ids"] = [
            Command.create({"currency_id": cls.env.ref(f"base.{code}").id, "declared": total})
            for code, total in (declared or {"GBP": 0.0}).items()
        ]
        return wizard.browse().create({**values, **vals, "file_data": base64.b64encode(content)})

    # ---------------------------------------------------------------- a carrier with a server
    @classmethod
    @contextmanager
    def server(cls, carrier, answer):
        """A carrier whose prices come from a server that answers so: a price, or what it raises."""
        carriers = type(cls.env["delivery.carrier"])
        is_external, rate = carriers._is_external, carriers.fixed_rate_shipment
        asked = []

        def rate_shipment(self, order):
            if self != carrier:
                return rate(self, order)
            asked.append(order)
            if isinstance(answer, Exception):
                raise answer
            return {"success": True, "price": answer, "error_message": False, "warning_message": False}

        with (
            patch.object(carriers, "_is_external", lambda self: self == carrier or is_external(self)),
            patch.object(carriers, "fixed_rate_shipment", rate_shipment),
        ):
            yield asked


class FreightCase(FreightCompany, PromiseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carriers_with_rates()
