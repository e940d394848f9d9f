from . import order_review_decide
