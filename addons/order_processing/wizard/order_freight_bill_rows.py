"""The rows of a carrier's file, as lines of a bill that is still to be made."""

from collections import namedtuple

from ..engine.bill_file import AMOUNT, SURCHARGE, Format, Problem, read
from ..engine.freight_bill import BillLine
from ..models.freight_bill_facts import BillFacts
from ..models.freight_bill_words import problem_words
from ..models.freight_money import amount, coins
from ..models.order_freight_bill_format import DECIMAL

Charge = namedtuple("Charge", "key row service money currency")
Unread = namedtuple("Unread", "service money currency problems")


class BillRows:
    """Every row that holds anything ends as lines, as unreadable, or as a total that is left out."""

    def __init__(self, wizard, heading, rows):
        self.env, self.wizard = wizard.env, wizard
        self.meanings = {column.name: column.meaning for column in wizard.column_ids if column.meaning}
        form = Format(
            DECIMAL.get(wizard.decimal, ""), wizard.date_format or "%Y-%m-%d", wizard.currency_id.name
        )
        self.rows = read(heading, rows, self.meanings, form)
        self.currencies = self._read_currencies()
        for row in self.rows:
            if not row.is_total:
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
                BillLine(
                    one.key,
                    one.row.tracking,
                    one.service,
                    cents,
                    one.row.reference,
                    currency=one.currency.name,
                    billed=coins(one.money, one.currency),
                )
                for one, cents in zip(self.charges, self.billed, strict=True)
            ]
        )

    def _readable(self):
        """Return the rows of which it is known whose they are; an amount of them may be missing."""
        return [row for row in self.rows if not row.is_total and all(one.is_amount for one in row.problems)]

    def _unread(self, row):
        """Return what of a row is still to be corrected, each with what is wrong; what could be read is kept.

        Amounts without a currency are none.
        """
        if row.is_total:
            return []
        currency = self.currencies.get(row.currency)
        wrong = [problem for problem in row.problems if not problem.is_amount]
        is_money = currency and not any(problem.code == "bad_currency" for problem in wrong)
        currency = currency or self.wizard.currency_id
        kept = row.charges if wrong else ()
        return [
            *(Unread(one.service, float(one.amount) if is_money else 0.0, currency, wrong) for one in kept),
            *(
                Unread(self._service_of(problem, row), 0.0, currency, [*wrong, problem])
                for problem in row.problems
                if problem.is_amount
            ),
        ]

    def _service_of(self, problem, row):
        return problem.column if self.meanings.get(problem.column) == SURCHARGE else row.service

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
        for charge in list(row.charges):
            if abs(float(charge.amount) - currency.round(float(charge.amount))) > 1e-6:
                row.problems.append(Problem("too_precise", self._column_of(charge), str(charge.amount)))
                row.charges.remove(charge)

    def _column_of(self, charge):
        if self.meanings.get(charge.service) == SURCHARGE:
            return charge.service
        return next((name for name, meaning in self.meanings.items() if meaning == AMOUNT), "")

    # ---------------------------------------------------------------- what came out
    def totals(self):
        """Return ``{currency: what its lines add up to}``."""
        totals = {}
        for one in [*self.charges, *(one for row in self.rows for one in self._unread(row))]:
            totals[one.currency] = totals.get(one.currency, 0.0) + one.money
        return {currency: currency.round(total) for currency, total in totals.items()}

    def count_disputes(self):
        return sum(one.is_disputed for one in self.judged.values())

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
            for one in charges.get(row.number, ()):
                result.append({**base, **self._judged_vals(one)})
            for one in self._unread(row):
                words = problem_words(self.env, one.problems)
                result.append({**base, **_money_vals(one), "verdict": "unreadable", "problem": words})
            if row.is_total:
                currency = self.currencies.get(row.currency) or self.wizard.currency_id
                total = {"amount": float(row.amount), "currency_id": currency.id, "verdict": "total"}
                result.append({**base, **total})
        return result

    def _judged_vals(self, one):
        judged, currency = self.judged[one.key], self.facts.currency
        return {
            **_money_vals(one),
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
                result.append({**base, **_money_vals(one)})
            for one in self._unread(row):
                problems = [list(problem) for problem in one.problems]
                result.append({**base, **_money_vals(one), "verdict": "unreadable", "problems": problems})
        return result


def _money_vals(one):
    return {"service": one.service, "amount": one.money, "currency_id": one.currency.id}
