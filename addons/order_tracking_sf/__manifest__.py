{
    "name": "Order Processing: SF Express",
    "summary": "Where parcels sent with SF Express (顺丰) are, by its open platform (Fengqiao)",
    "version": "19.0.1.0.0",
    "category": "Inventory/Delivery",
    "author": "Order Processing Project",
    "website": "https://github.com/order-processing/order-processing",
    "license": "LGPL-3",
    "depends": ["order_processing"],
    "data": [
        "data/order_tracking_status_map.xml",
        "views/order_tracking_provider_views.xml",
    ],
}
