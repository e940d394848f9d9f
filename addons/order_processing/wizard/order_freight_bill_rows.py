"""The rows of a carrier's file, as lines of a bill that is still to be made."""

from collections import namedtuple

from ..engine.bill_file import AMOUNT, SURCHARGE, Format, Problem, read
from ..engine.freight_bill import DISPUTED, BillLine
from ..models.freight_bill_facts import BillFacts
from ..models.freight_bill_words import problem_words
from ..models.freight_money import amount
from ..models.order_freight_bill_format import DECIMAL

Charge = namedtuple("Charge", "key row service money currency")


class BillRows:
    """Every row that holds anything ends as lines, as unreadable, or as a total that is left out."""

    def __init__(self, wizard, heading, rows):
        self.env, self.wizard = wizard.env, wizard
        self.meanings = {column.name: column.meaning for column in wizard.column_ids if column.meaning}
        form = Format(
            DECIMAL.get(wizard.decimal, ""), wizard.date_format or "%Y-%m-%d", wizard.currency_id.name
        )
        self.heading = heading
        self.rows = read(heading, rows, self.meanings, form)
        self.currencies = self._read_currencies()
        for row in self.rows:
            self._check_money(row)
        self.charges = [
            Charge(key, row, charge.service, float(charge.amount), self.currencies[row.currency])
            for key, (row, charge) in enumerate(
                ((row, charge) for row in self._readable() for charge in row.charges), 1
            )
        ]
        self.facts = BillFacts(self.env, wizard.company_id, wizard.carrier_id, wizard.date)
        self.billed = self.facts.company_coins([(one.currency, one.money) for one in self.charges])
        self.judged = self.facts.judge(
            [
                BillLine(one.key, one.row.tracking, one.service, cents, one.row.reference)
                for one, cents in zip(self.charges, self.billed, strict=True)
            ]
        )

    def _readable(self):
        return [row for row in self.rows if not row.problems and not row.is_total]

    def _read_currencies(self):
        codes = {row.currency for row in self.rows}
        found = self.env["res.currency"].search([("name", "in", list(codes))])
        return {currency.name: currency for currency in found}

    def _check_money(self, row):
        """Note a currency nobody has, and amounts finer than its smallest coin."""
        currency = self.currencies.get(row.currency)
        column = next((name for name, meaning in self.meanings.items() if meaning == "currency"), "")
        if not currency:
            row.problems.append(Problem("unknown_currency", column, row.currency))
            return
        for charge in row.charges:
            if abs(float(charge.amount) - currency.round(float(charge.amount))) > 1e-6:
                row.problems.append(Problem("too_precise", self._column_of(charge), str(charge.amount)))

    def _column_of(self, charge):
        if self.meanings.get(charge.service) == SURCHARGE:
            return charge.service
        return next((name for name, meaning in self.meanings.items() if meaning == AMOUNT), "")

    # ---------------------------------------------------------------- what came out
    def totals(self):
        """Return ``{currency: what its lines add up to}``."""
        totals = {}
        for one in self.charges:
            totals[one.currency] = totals.get(one.currency, 0.0) + one.money
        return {currency: currency.round(total) for currency, total in totals.items()}

    def count_disputes(self):
        return sum(one.verdict in DISPUTED for one in self.judged.values())

    def count_unreadable(self):
        return sum(bool(row.problems) for row in self.rows)

    def _by_row(self):
        by_row = {}
        for one in self.charges:
            by_row.setdefault(one.row.number, []).append(one)
        return by_row

    def preview(self, import_id):
        """Return the values of the preview's lines, in the order of the file."""
        charges, result = self._by_row(), []
        for row in self.rows:
            base = {"import_id": import_id, "row_number": row.number, "tracking_number": row.tracking}
            currency = self.currencies.get(row.currency)
            base["currency_id"] = currency.id if currency else False
            for one in charges.get(row.number, ()):
                result.append({**base, **self._judged_vals(one)})
            if row.problems:
                words = problem_words(self.env, row.problems)
                result.append({**base, "service": row.service, "verdict": "unreadable", "problem": words})
            elif row.is_total:
                result.append({**base, "amount": float(row.amount), "verdict": "total"})
        return result

    def _judged_vals(self, one):
        judged, currency = self.judged[one.key], self.facts.currency
        return {
            "service": one.service,
            "amount": one.money,
            "currency_id": one.currency.id,
            "shipment_id": judged.parcel or False,
            "expected": amount(judged.expected or 0, currency),
            "difference": amount(judged.difference, currency),
            "verdict": judged.verdict.value,
        }

    def line_vals(self, bill_id):
        """Return the values of the bill's lines; those that cannot be read are among them."""
        charges, result = self._by_row(), []
        for row in self.rows:
            base = {
                "bill_id": bill_id,
                "row_number": row.number,
                "tracking_number": row.tracking,
                "reference": row.reference,
                "weight": float(row.weight or 0),
                "date": row.date,
                "cells": list(row.cells),
            }
            for one in charges.get(row.number, ()):
                money = {"service": one.service, "amount": one.money, "currency_id": one.currency.id}
                result.append({**base, **money})
            if row.problems:
                currency = self.currencies.get(row.currency) or self.wizard.currency_id
                result.append(
                    {
                        **base,
                        "service": row.service,
                        "currency_id": currency.id,
                        "verdict": "unreadable",
                        "problems": [list(problem) for problem in row.problems],
                    }
                )
        return result
