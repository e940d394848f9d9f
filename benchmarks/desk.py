"""Opening the review desk with 5,000 waiting orders, against Odoo's own list of quotations with as many.

What the web client asks the server for is asked here, as it does: the views, then one page of 80 rows with
the number of all, and at the desk the counters as well. Both lists are opened by the same person in turns, in
one database: what is compared is the desk with the list, not our addon with its absence. For comparison the
same list is opened in a database without ours.
"""

import os

from _lib import as_person, closing_line, in_database, person, registry, table

ORDERS = int(os.environ.get("BENCH_ORDERS", 5000))
RUNS = int(os.environ.get("BENCH_RUNS", 25))
PAGE = 80
MADE = 50  # by Odoo; the others are copies
FEW = 500
REVIEWERS = 5


def make_orders(env, ours):
    """Make a few orders by Odoo, held where ours is there, and copy them."""
    from _past import customers, goods, quotation

    products, people = goods(env, 20), customers(env, 50)
    people.zip = False  # held: the address is not complete
    orders = env["sale.order"]
    for n in range(MADE):
        orders |= quotation(env, people[n], [(products[n % 20], 1 + n % 7), (products[(n + 3) % 20], 2)])
    if ours:
        env.company.review_mode = "enforce"
        orders.action_submit()
    env.flush_all()
    return orders


def specification(env, view):
    """Return what the web client reads for the rows of a list view."""
    from lxml import etree

    arch = etree.fromstring(env["sale.order"].get_view(env.ref(view).id, "list")["arch"])
    spec = {}
    for node in arch.iter("field"):
        field = env["sale.order"]._fields[node.get("name")]
        hidden = node.get("optional") == "hide"
        if not hidden:
            spec[field.name] = {"fields": {"display_name": {}}} if field.relational else {}
    return spec


def opening(view, search, domain, order, counters):
    def work(env, _nothing):
        orders = env["sale.order"]
        views = [(env.ref(view).id, "list"), (env.ref(search).id, "search")]
        orders.get_views(views, {"toolbar": True, "load_filters": True})
        rows = orders.web_search_read(
            domain, specification(env, view), limit=PAGE, order=order, count_limit=10_001
        )
        if counters:
            orders.review_desk_counters()
        assert len(rows["records"]) == PAGE, "the list is not full"

    return work


QUOTATIONS = opening(
    "sale.view_quotation_tree_with_onboarding",
    "sale.sale_order_view_search_inherit_quotation",
    [("state", "in", ("draft", "sent"))],
    None,
    False,
)


def desk(*more):
    waiting = [("review_state", "in", ("pending", "changes_requested")), ("state", "!=", "cancel")]
    return opening(
        "order_processing.sale_order_view_list_review",
        "order_processing.sale_order_view_search_review",
        [*waiting, *more],
        "urgency desc, review_deadline, submitted_at, id",
        True,
    )


def ours(database):
    from _past import multiply

    with registry(database) as env:
        reviewer = "order_processing.group_order_processing_reviewer"
        groups = [reviewer, "sales_team.group_sale_salesman_all_leads"]
        people = [person(env, f"reviewer{n}", *groups) for n in range(REVIEWERS)]
        orders = make_orders(env, True)
        env.cr.commit()
        works = {
            "desk, mine": desk(("review_user_id", "=", people[0].id), ("review_state", "=", "pending")),
            "desk, what I may decide": desk(("review_may_decide", "=", True)),
            "desk, all": desk(),
            "quotations": QUOTATIONS,
        }
        costs = {}
        for length, times in ((FEW, FEW // MADE - 1), (ORDERS, (ORDERS - FEW) // MADE)):
            multiply(env, orders, times)
            env.cr.commit()
            for name, cost in as_person(env, people[0], works, RUNS).items():
                costs[name, length] = cost
        costs["waiting"] = env["sale.order"].search_count([("review_state", "=", "pending")])
        return costs


def plain(database):
    from _past import multiply

    with registry(database) as env:
        user = person(env, "seller", "sales_team.group_sale_salesman_all_leads")
        multiply(env, make_orders(env, False), ORDERS // MADE - 1)
        env.cr.commit()
        return as_person(env, user, {"quotations": QUOTATIONS}, RUNS)["quotations"]


def main():
    costs = in_database("op_bench_desk", ours)
    vanilla = in_database("op_bench_desk_plain", plain, ours=False)
    few, many = FEW, ORDERS
    rows = [
        [f"{name}, {length} orders", cost.cpu * 1000, cost.queries]
        for (name, length), cost in ((key, value) for key, value in costs.items() if key != "waiting")
    ]
    rows.append([f"quotations, {ORDERS} orders, without ours", vanilla.cpu * 1000, vanilla.queries])
    print(f"\ndesk: opening one page of {PAGE}, medians of {RUNS}; {costs['waiting']} orders wait")
    table(["", "CPU ms", "queries"], rows)
    closing_line(
        "desk",
        round(costs["desk, all", many].cpu, 4),
        round(costs["quotations", many].cpu, 4),
        unit="CPU seconds",
        ratio_to_odoo_without_ours=round(costs["desk, all", many].cpu / vanilla.cpu, 3),
        ratio_mine=round(costs["desk, mine", many].cpu / costs["quotations", many].cpu, 3),
        queries=costs["desk, all", many].queries,
        queries_few=costs["desk, all", few].queries,
        queries_quotations=costs["quotations", many].queries,
    )


if __name__ == "__main__":
    main()
