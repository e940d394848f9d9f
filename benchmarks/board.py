"""Opening the dispatch board with 2,000 open transfers, against Odoo's own kanban of the same transfers.

What the web client asks the server for is asked here, as it does: for the board one call, with departures,
figures, waves and several hundred cards; for Odoo's kanban the views of its action and one page of 40 cards;
the same without the action's other views, and grouped by status. All are opened by the same person in turns,
in one database, after the plan has put the transfers on departures. For comparison Odoo's kanban is
opened in a database without ours as well.

BENCH_TRANSFERS and BENCH_RUNS change the size and how often it is measured.
"""

import os

from _lib import as_person, closing_line, in_database, person, registry, table

TRANSFERS = int(os.environ.get("BENCH_TRANSFERS", 2_000))
RUNS = int(os.environ.get("BENCH_RUNS", 9))
MADE = 50  # by Odoo; the others are copies
FEW = 200
STOCK = "stock.group_stock_user"
PAGE = 40
TIMES = 10
FILTERS = [("picking_type_code", "=", "outgoing"), ("state", "in", ("assigned", "confirmed", "waiting"))]


def make_orders(env):
    """Make a few orders by Odoo, confirmed and set aside."""
    from _past import customers, goods, quotation

    products, people = goods(env, 20), customers(env, 50)
    products.write({"weight": 1.5, "volume": 0.01})
    orders = env["sale.order"]
    for n, customer in enumerate(people):
        customer.zip = f"9{n % 4}001"
    for n in range(MADE):
        orders |= quotation(env, people[n], [(products[n % 20], 1 + n % 7), (products[(n + 3) % 20], 2)])
    if "review_mode" in env.company:
        env.company.review_mode = "off"
        orders[::10].urgency = "urgent"
    orders.action_confirm()
    env.flush_all()
    return orders


def multiply(env, orders, times):
    """Write each of the orders so often more, with its transfer and what is set aside for it."""
    from _past import TABLES, _clone, _span

    TABLES["stock_move_line"] = (("move_id", "stock_move"), ("picking_id", "stock_picking"))
    rows = {
        "sale_order": orders,
        "sale_order_line": orders.order_line,
        "stock_picking": orders.picking_ids,
        "stock_move": orders.order_line.move_ids,
        "stock_move_line": orders.picking_ids.move_line_ids,
    }
    env.flush_all()
    spans = {name: _span(env, name, records) for name, records in rows.items()}
    for name in spans:
        _clone(env, name, spans, rows[name].ids, times)
    env.invalidate_all()


def plan(env):
    """Three routes, a departure each day with room for all; some transfers are for no route."""
    env.company.dispatch_mode = "plan"
    warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    for number in range(3):
        times = {"cut_off": 22.5, "departs_at": 23.0 + number / 5}
        slots = [(0, 0, {"weekday": str(day), **times}) for day in range(7)]
        env["order.dispatch.route"].create(
            {
                "name": f"Route {number}",
                "warehouse_id": warehouse.id,
                "zip_ranges": f"9{number}",
                "max_weight": TRANSFERS * 30.0,
                "slot_ids": slots,
            }
        )
    return warehouse


def specification(env, arch):
    """Return what the web client reads for the cards of a kanban."""
    from lxml import etree

    spec = {}
    for node in etree.fromstring(arch).iter("field"):
        field = env["stock.picking"]._fields[node.get("name")]
        spec[field.name] = {"fields": {"display_name": {}}} if field.type == "many2one" else {}
    return spec


def kanban(group_by=None, all_views=True):
    """Open Odoo's own kanban: the views of its action, then one page, or one page of each status."""

    def work(env, _nothing):
        pickings = env["stock.picking"]
        action = env.ref("stock.action_picking_tree_outgoing")
        search = env.ref("stock.view_picking_internal_search").id
        asked = [(env.ref("stock.stock_picking_kanban").id, "kanban"), (search, "search")]
        if all_views:
            modes = [mode for mode in action.sudo().view_mode.split(",") if mode != "kanban"]
            asked += [(False, mode) for mode in modes]
        views = pickings.get_views(asked, {"toolbar": True, "load_filters": True, "action_id": action.id})
        spec = specification(env, views["views"]["kanban"]["arch"])
        if not group_by:
            found = pickings.web_search_read(FILTERS, spec, limit=PAGE, count_limit=10_001)
            assert len(found["records"]) == PAGE, "the page is not full"
            return
        pickings.read_progress_bar(
            FILTERS,
            group_by,
            {
                "field": "activity_state",
                "colors": {"planned": "success", "today": "warning", "overdue": "danger"},
            },
        )
        pickings.web_read_group(
            FILTERS,
            [group_by],
            auto_unfold=True,
            unfold_read_specification=spec,
            unfold_read_default_limit=PAGE,
        )

    return work


def board(env, _nothing):
    found = env["order.dispatch.departure"].dispatch_board()
    assert sum(len(lane["cards"]) for lane in found["lanes"]) >= PAGE, "the board is empty"


def often(work):
    """PostgreSQL's CPU time comes in hundredths of a second: ten openings are measured together."""

    def ten(env, nothing):
        for _time in range(TIMES):
            env.invalidate_all()
            work(env, nothing)

    return ten


def ours(database):
    with registry(database) as env:
        user, orders = person(env, "wes", STOCK), make_orders(env)
        warehouse = plan(env)
        costs = {}
        works = {
            "board": often(board),
            "kanban": often(kanban()),
            "kanban, no other views": often(kanban(all_views=False)),
            "kanban by status": often(kanban("state")),
        }
        for length, times in ((FEW, FEW // MADE - 1), (TRANSFERS, (TRANSFERS - FEW) // MADE)):
            multiply(env, orders, times)
            env.cr.commit()
            env["order.dispatch.departure"]._plan(warehouse)
            env.cr.commit()
            env.cr.execute("ANALYZE")
            for name, cost in as_person(env, user, works, RUNS).items():
                costs[name, length] = cost
        shown = env(user=user.id)["order.dispatch.departure"].dispatch_board()
        costs["cards"] = sum(len(lane["cards"]) for lane in shown["lanes"])
        costs["columns"] = f"{len(shown['departures'])} departures, {len(shown['waves'])} waves"
        return costs


def plain(database):
    with registry(database) as env:
        user, orders = person(env, "wes", STOCK), make_orders(env)
        multiply(env, orders, TRANSFERS // MADE - 1)
        env.cr.commit()
        env.cr.execute("ANALYZE")
        works = {"kanban": often(kanban()), "kanban by status": often(kanban("state"))}
        return as_person(env, user, works, RUNS)


def main():
    costs = in_database("op_bench_board", ours)
    vanilla = in_database("op_bench_board_plain", plain, ours=False)
    cards, columns = costs.pop("cards"), costs.pop("columns")
    rows = [
        [
            f"{name}, {length} transfers",
            cost.cpu * 1000 / TIMES,
            cost.python * 1000 / TIMES,
            cost.queries // TIMES,
        ]
        for (name, length), cost in costs.items()
    ]
    rows += [
        [
            f"{name}, {TRANSFERS} transfers, without ours",
            cost.cpu * 1000 / TIMES,
            cost.python * 1000 / TIMES,
            cost.queries // TIMES,
        ]
        for name, cost in vanilla.items()
    ]
    print(f"\nboard: medians of {RUNS}; {columns}, {cards} cards; Odoo's kanban reads {PAGE}")
    table(["", "CPU ms", "of it Python", "queries"], rows)
    many = costs["board", TRANSFERS]
    closing_line(
        "board",
        round(many.cpu / TIMES, 4),
        round(costs["kanban", TRANSFERS].cpu / TIMES, 4),
        unit="CPU seconds",
        ratio_to_odoo_without_ours=round(many.cpu / vanilla["kanban"].cpu, 3),
        ratio_without_other_views=round(many.cpu / costs["kanban, no other views", TRANSFERS].cpu, 3),
        ratio_to_kanban_by_status=round(many.cpu / costs["kanban by status", TRANSFERS].cpu, 3),
        cards=cards,
        queries=many.queries // TIMES,
        queries_few=costs["board", FEW].queries // TIMES,
    )


if __name__ == "__main__":
    main()
