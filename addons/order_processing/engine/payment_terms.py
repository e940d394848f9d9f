"""Which of two payment terms, or of two incoterms, leaves the seller worse off."""

from __future__ import annotations

from dataclasses import dataclass

# From "the buyer fetches it" to "we bring it, duty paid": each asks at least as much of the seller.
INCOTERMS = ("EXW", "FCA", "FAS", "FOB", "CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP")
# Days a term that counts from the end of a month may add to those it names.
MONTH_DAYS = {"days_after": 0, "days_after_end_of_month": 31, "days_after_end_of_next_month": 62}


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part of the amount and when it is due; ``share`` is in percent, None for a fixed amount."""

    share: float | None
    days: int
    counted: str = "days_after"
    days_next_month: int = 0

    @property
    def due_days(self) -> int:
        """Days after the invoice at which it is due at the latest."""
        return self.days + MONTH_DAYS.get(self.counted, 31 + self.days_next_month)


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """How an amount is to be paid; no instalment means at once. ``discount`` is in percent."""

    instalments: tuple[Instalment, ...] = ()
    discount: float = 0.0
    discount_days: int = 0

    @property
    def last_day(self) -> int:
        """Days until the last of it is due."""
        return max((part.due_days for part in self.instalments), default=0)

    @property
    def average_days(self) -> float | None:
        """Days until payment, weighted by the shares; None where fixed amounts make it unknown."""
        if any(part.share is None for part in self.instalments):
            return None
        return sum((part.share or 0.0) * part.due_days for part in self.instalments) / 100.0


def is_payment_worse(before: PaymentTerms, after: PaymentTerms) -> bool:
    """Tell whether ``after`` is more generous: paid later (the last of it, or on average), or a bigger
    or longer cash discount. What cannot be compared counts as more generous.
    """
    if before.average_days is None or after.average_days is None:
        return before != after
    is_discount_worse = after.discount > before.discount or (
        after.discount > 0 and after.discount_days > before.discount_days
    )
    is_later = after.last_day > before.last_day or after.average_days > before.average_days + 1e-6
    return is_later or is_discount_worse


def is_incoterm_worse(before: str, after: str) -> bool:
    """Tell whether we have to do more; true when one of the codes is unknown or missing."""
    if before not in INCOTERMS or after not in INCOTERMS:
        return True
    return INCOTERMS.index(after) > INCOTERMS.index(before)
