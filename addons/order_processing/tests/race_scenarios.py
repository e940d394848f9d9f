"""The races: who wants what at the same moment."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import race_goods as do
from race_workers import Act

SCENARIOS = {}


@dataclass
class Race:
    products: object  # all that the facts are about
    acts: list


@dataclass(frozen=True)
class Scenario:
    make: Callable
    needs: str = ""  # a model without which there is nothing to race for


def scenario(function=None, **more):
    if function is None:
        return partial(scenario, **more)
    SCENARIOS[function.__name__] = Scenario(function, **more)
    return function


def confirms(shop, orders, delay=0.0):
    return [Act("confirm", do.confirm, (order.id,), shop.seller, delay) for order in orders]


@scenario
def one_unit(shop):
    """Sixteen customers and the last piece."""
    product = shop.product(1)
    return Race(product, confirms(shop, shop.orders(shop.crowd(16), (product, 1))))


@scenario
def forty_units(shop):
    """Ten products of four pieces; everybody wants one of each, and each asks in another order."""
    products = [shop.product(4) for _number in range(10)]
    orders = shop.env["sale.order"]
    for _number in range(shop.crowd(16)):
        orders |= shop.orders(1, *((product, 1) for product in random.sample(products, len(products))))
    return Race(_together(products), confirms(shop, orders))


@scenario
def plenty(shop):
    """Nothing is scarce: everybody is served."""
    product = shop.product(100)
    return Race(product, confirms(shop, shop.orders(shop.crowd(24), (product, 1))))


@scenario
def one_customer(shop):
    """A marketplace: the orders of one customer for goods of which there is plenty."""
    product, customer = shop.product(100), shop.customer()
    return Race(product, confirms(shop, shop.orders(shop.crowd(16), (product, 1), customer=customer)))


@scenario
def apart(shop):
    """As many as want plenty, each another product: what the same work takes when nobody competes."""
    products = [shop.product(1) for _number in range(shop.crowd(24))]
    orders = [shop.orders(1, (product, 1)) for product in products]
    return Race(_together(products), confirms(shop, orders))


@scenario
def with_the_scheduler(shop):
    """Orders come in while Odoo's scheduler serves what has waited for these goods."""
    products = [shop.product() for _number in range(10)]
    _backlog(shop, products, shop.crowd(20))
    orders = shop.orders(shop.crowd(6), *((product, 1) for product in products[:3]))
    scheduler = Act("scheduler", do.run_scheduler, commits_itself=True)
    return Race(_together(products), [scheduler, *confirms(shop, orders, delay=1.0)])


@scenario
def with_scrap(shop):
    """What has just been promised is thrown away, or the other way round."""
    return _pairs(shop, "scrap", do.scrap)


@scenario
def with_inventory(shop):
    """Somebody counts the shelf and finds half of it."""
    return _pairs(shop, "count", do.count)


def _pairs(shop, role, function):
    """Products of ten pieces: one order takes all of it, and somebody else takes five away."""
    products = [shop.product(10) for _number in range(shop.crowd(6))]
    acts = []
    for product in products:
        acts += confirms(shop, shop.orders(1, (product, 10)), delay=0.3)
        acts.append(Act(role, function, (product.id, 5), shop.keeper, delay=0.3))
    return Race(_together(products), acts)


@scenario(needs="order.allocation.run")
def with_the_allocator(shop):
    """Orders come in while the allocator serves what has waited for these goods."""
    products = [shop.product() for _number in range(10)]
    _backlog(shop, products, shop.crowd(10))
    orders = shop.orders(shop.crowd(8), *((product, 1) for product in products[:3]))
    allocator = Act("allocator", do.run_allocator, goes_on=True, commits_itself=True)
    return Race(_together(products), [allocator, *confirms(shop, orders, delay=1.0)])


def _backlog(shop, products, number):
    """So many transfers that wait for all of the products; then comes enough for some of them."""
    shop.transfers(number, [(product, 1) for product in products])
    for product in products:
        shop.put(product, number * 0.6 // 1)


@scenario
def lots(shop):
    """Not enough of three lots, and not enough serial numbers."""
    orders = shop.orders(shop.crowd(8), *(lines := _lots(shop)))
    return Race(_together([product for product, *_quantity in lines]), confirms(shop, orders))


def _lots(shop):
    lot, serial = shop.product(tracking="lot"), shop.product(tracking="serial")
    shop.lots(lot, 3, 2, 2)
    shop.lots(serial, 1, 1, 1)
    return [(lot, 2), (serial, 1)]


@scenario
def packages_and_owners(shop):
    """Two boxes, some loose pieces, and one that belongs to somebody else."""
    product, *quantity = _packages_and_owners(shop)
    return Race(product, confirms(shop, shop.orders(shop.crowd(8), (product, *quantity))))


def _packages_and_owners(shop):
    product = shop.product(2)
    for _number in range(2):
        shop.put(product, 2, package_id=shop.env["stock.package"].create({}))
    shop.put(product, 1, owner_id=shop.customer())
    return product, 2


@scenario
def sublocations(shop):
    """Two dozen on three shelves, none of which holds a whole dozen; more customers want one."""
    product, *quantity = _sublocations(shop)
    return Race(product, confirms(shop, shop.orders(shop.crowd(6), (product, *quantity))))


def _sublocations(shop):
    product = shop.product()
    shop.shelves(product, 5, 9, 10)
    return product, 1, shop.env.ref("uom.product_uom_dozen")


@scenario
def everywhere(shop):
    """Lots, serial numbers, boxes, owners and shelves, in one order."""
    lines = [*_lots(shop), _packages_and_owners(shop), _sublocations(shop)]
    orders = shop.orders(shop.crowd(8), *lines)
    return Race(_together([product for product, *_quantity in lines]), confirms(shop, orders))


@scenario(needs="mrp.bom")
def kits(shop):
    """Two kits share a part that is scarce."""
    shared, plenty_of = shop.product(3), shop.product(50)
    one, two = shop.kit(shared, plenty_of), shop.kit(plenty_of, shared)
    orders = shop.orders(shop.crowd(5), (one, 1)) | shop.orders(shop.crowd(5), (two, 1))
    return Race(shared | plenty_of, confirms(shop, orders))


@scenario(needs="order.takeover")
def held_piece(shop):
    """Sixteen customers and the last piece, which is held for one of them."""
    product = shop.product(1)
    orders = shop.orders(shop.crowd(16), (product, 1))
    orders[0].client_order_ref = "held"
    do.hold(shop.env, orders[0].id)
    orders[0].order_line.hold_move_ids._action_assign()  # also where the allocator would do it later
    return Race(product, confirms(shop, orders))


@scenario(needs="order.takeover")
def held_until_now(shop):
    """Orders are confirmed in the moment in which the time is over for which their goods are held."""
    product = shop.product(4)
    orders = shop.orders(4, (product, 1))
    for order in orders:
        do.hold(shop.env, order.id)
    shop.env["stock.move"].search([("hold_line_id.order_id", "in", orders.ids)]).hold_until = "2020-01-01"
    orders.hold_until = "2020-01-01"
    acts = [Act("confirm at the last moment", do.confirm, (order.id,), shop.seller, 0.3) for order in orders]
    return Race(product, [*acts, Act("clock", do.release_holds, goes_on=True, commits_itself=True)])


@scenario(needs="order.takeover")
def two_take_over(shop):
    """Two urgent orders take over what a third has set aside, while it is cancelled, or others come."""
    shop.env.company.takeover_policy = "ask"
    product = shop.product(4)
    shop.orders(1, (product, 4)).action_confirm()
    urgent = shop.orders(3, (product, 3))
    urgent.write({"urgency": "urgent", "client_order_ref": "taking over"})
    urgent.action_confirm()
    acts = [Act("take over", do.take_over, (order.id,), delay=0.1) for order in urgent]
    return Race(product, [*acts, *confirms(shop, shop.orders(2, (product, 1)), delay=0.1)])


@scenario
def receipts_and_cancels(shop):
    """Goods arrive and orders are cancelled while others are confirmed."""
    product = shop.product(2)
    placed = shop.orders(4, (product, 1))
    for order in placed:
        order.action_confirm()
    receipts = shop.transfers(shop.crowd(4), [(product, 1)], kind="in")
    acts = confirms(shop, shop.orders(shop.crowd(8), (product, 1)), delay=0.3)
    # By the superuser: without rights in purchasing, Odoo's salespeople cannot cancel a confirmed order.
    acts += [Act("cancel", do.cancel, (order.id,), delay=0.3) for order in placed[:3]]
    acts += [Act("receive", do.receive, (receipt.id,), shop.keeper, 0.3) for receipt in receipts]
    return Race(product, acts)


def _together(products):
    return products[0].browse([product.id for product in products])
