"""Money as whole coins: what is added up, split and compared in the engine."""

# Who sees what freight costs, and what an order earns: those who answer for it. Those who sell see besides
# what carriers have offered for their orders (REASON_GROUPS); those who pack see no money.
MONEY_GROUPS = "sales_team.group_sale_manager,account.group_account_invoice,stock.group_stock_manager"


def coins(amount, currency):
    """Return an amount as a whole number of the currency's smallest coins."""
    return round(amount / currency.rounding)


def amount(number, currency):
    """Return so many of the smallest coins as an amount."""
    return currency.round(number * currency.rounding)
