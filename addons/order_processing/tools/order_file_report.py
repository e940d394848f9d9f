"""The tables of the command ``process_orders``."""
# pylint: disable=print-used

from ..engine.order_file import LEFT_OUT, ORDERED, Bucket, Kind
from ..engine.price_steps import PriceLists

WIDTH = 62
FAULTS_SHOWN = 10
ROWS = {
    Bucket.GOODS: "goods",
    Bucket.REPEATED: "the same SKU again in its order (kept as a line)",
    Bucket.ZERO_PRICE: "at price 0 (kept; the price check holds the order)",
    Bucket.FREIGHT: "postage and carriage (freight lines)",
    Bucket.MANUAL: "manual amounts (no list price: held)",
    Bucket.VOUCHER: "gift vouchers (services)",
    Bucket.CANCELLATION: "cancellations",
    Bucket.CORRECTION: "stock found or written off",
    Bucket.CHARGE: "bank charges, fees, samples",
    Bucket.UNREADABLE: "unreadable",
    Bucket.INCOMPLETE: "in orders with an unreadable row",
    Bucket.NOT_SELECTED: "not asked for (--from, --to, --limit)",
}
DOCUMENTS = {
    Kind.ORDER: "orders",
    Kind.CANCELLATION: "cancellations",
    Kind.CORRECTION: "stock corrections",
    Kind.CHARGE: "nothing but charges",
    Kind.INCOMPLETE: "with an unreadable row, not entered",
    Kind.NOT_SELECTED: "not asked for",
}
FAULTS = {
    "no_ref": "no order number",
    "no_sku": "no SKU",
    "bad_date": "not a date: {}",
    "bad_quantity": "not a quantity: {}",
    "bad_price": "not a price: {}",
    "other_customer": "another customer than the rows before of this order: {}",
}
REASONS = {
    "price_off_list": "not at list price",
    "price_off_list_more": "not at list price",
    "address_no_country": "no country in the address",
    "address_incomplete": "address incomplete",
    "address_bad_zip": "postal code wrong for the country",
    "contact_unreachable": "nobody can be reached",
}


def _row(label, value, level=0):
    text = f"{value:,}" if isinstance(value, int) else value
    print(f"{'  ' * level}{label}".ljust(WIDTH) + f"{text:>12}")


def print_file(order_file):
    """Say what the file holds: each row once, each document once."""
    _row("Rows in the file", order_file.row_count)
    for title, buckets in (("lines of orders", ORDERED), ("left out", LEFT_OUT)):
        _row(title, sum(order_file.rows[bucket] for bucket in buckets), 1)
        for bucket in buckets:
            if order_file.rows[bucket]:
                _row(ROWS[bucket], order_file.rows[bucket], 2)
    _row("Documents in the file", sum(order_file.documents.values()))
    for kind, label in DOCUMENTS.items():
        if order_file.documents[kind]:
            _row(label, order_file.documents[kind], 1)
    for fault in order_file.faults[:FAULTS_SHOWN]:
        print(f"    row {fault.row.number}: {FAULTS[fault.code].format(fault.value)}")
    if len(order_file.faults) > FAULTS_SHOWN:
        print(f"    … and {len(order_file.faults) - FAULTS_SHOWN:,} more rows")


def print_prices(orders, tolerance_percent=1.0):
    """Say which price lists the option --create-missing would derive, and what they do not explain."""
    prices = PriceLists.derive(orders)
    off = [prices.off_list(order, tolerance_percent) for order in orders]
    lists = (prices.named, prices.walk_in)
    _row("Price rules", sum(len(steps) for steps in [*lists[0].values(), *lists[1].values()]))
    _row("quantity breaks among them", sum(len(steps) - 1 for each in lists for steps in each.values()), 1)
    _row(f"lines off these lists by more than {tolerance_percent:g} %", sum(off), 1)
    _row("orders with such a line", sum(map(bool, off)), 1)


def print_created(created):
    """Say what was created for the orders."""
    if created:
        print("Created: " + ", ".join(f"{count:,} {what}" for what, count in created.items()))


def print_interrupted(outcome):
    """Say how far the run has come, and that nothing is lost."""
    print(f"Interrupted after {outcome.new:,} orders. Start again with the same options to go on.")


def print_outcome(outcome, figures, reasons, order_file):
    """Say what became of the orders."""
    _row("Orders of the file", len(order_file.orders))
    _row("entered by this run", outcome.new, 1)
    _row("known already", outcome.known, 1)
    if outcome.differs:
        _row("of these, not as they were entered", outcome.differs, 2)
    _row("could not be entered", len(outcome.failed), 1)
    for ref, reason in list(outcome.failed.items())[:FAULTS_SHOWN]:
        print(f"    {ref}: {reason}")
    _print_figures(figures, reasons)
    _print_time(outcome)


def _print_figures(figures, reasons):
    _row("Orders in", figures["in"])
    _row("with lines", figures["lines"], 1)
    _row("held", figures["held"], 1)
    for reason, count in _by_reason(reasons).items():
        _row(reason, count, 2)
    _row("confirmed", figures["confirmed"], 1)
    for label, key in (
        ("reserved fully", "reserved full"),
        ("reserved partly", "reserved partial"),
        ("not reserved", "reserved none"),
        ("nothing to reserve: services, or gone already", "nothing to reserve"),
    ):
        _row(label, figures[key], 2)
    for key, label in (("open", "quotations"), ("cancelled", "cancelled since")):
        if figures[key]:
            _row(label, figures[key], 1)


def _by_reason(reasons):
    """Add up the codes that say the same, most frequent first; an order may be held for several reasons."""
    words = {}
    for code, count in reasons.items():
        label = REASONS.get(code, code)
        words[label] = words.get(label, 0) + count
    return dict(sorted(words.items(), key=lambda item: -item[1]))


def _print_time(outcome):
    _row("Seconds", f"{outcome.seconds:,.1f}")
    if outcome.new:
        _row("orders per second", f"{outcome.new / outcome.seconds:.2f}", 1)
        _row("CPU seconds per order, without the database's", f"{outcome.cpu_seconds / outcome.new:.3f}", 1)
