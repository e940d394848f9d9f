{
    "name": "Order Processing: Kuaidi100",
    "summary": "Where parcels of some 1,400 carriers in and out of China are, by one account with 快递100",
    "version": "19.0.1.0.0",
    "category": "Inventory/Delivery",
    "author": "Order Processing Project",
    "website": "https://github.com/order-processing/order-processing",
    "license": "LGPL-3",
    "depends": ["order_processing"],
    "data": [
        "data/order_tracking_status_map.xml",
        "data/order_tracking_carrier.xml",
        "views/order_tracking_provider_views.xml",
    ],
    "assets": {"web.assets_tests": ["order_tracking_kuaidi100/static/tests/tours/**/*"]},
}
