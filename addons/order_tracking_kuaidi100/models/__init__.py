from . import order_tracking_provider
