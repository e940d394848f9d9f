from . import base_partner_merge
from . import order_review_decide
from . import order_review_waive
from . import order_review_backtest_start
from . import order_cancel
from . import order_queue_jump
from . import sale_mass_cancel_orders
from . import order_takeover_start
