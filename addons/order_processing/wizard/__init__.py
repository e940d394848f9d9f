from . import order_review_decide
from . import order_review_waive
